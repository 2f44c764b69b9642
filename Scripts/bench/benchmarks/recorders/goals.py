"""Holds what was measured against the goals. A goal whose section was not run is said to be not measured."""

import itertools

UNMEASURED = "not measured"


def row_of(document, section, **wanted):
    rows = document["sections"].get(section, {}).get("rows", [])
    return next((row for row in rows if all(row.get(key) == value for key, value in wanted.items())), None)


def goal(what, target, figure, met, note=""):
    return {"goal": what, "target": target, "figure": figure, "met": met, "note": note}


def missing(what, target):
    return goal(what, target, UNMEASURED, None)


def by_how_much(value, limit, unit=""):
    return "" if value <= limit else f"{value - limit:.2f}{unit} over"


def unpacked(document, section, key):
    """The figure without what happens after the command, of which perf record does nothing."""
    row = row_of(document, section, tool=key + "-raw")
    return f" ({row['whole']['median']:.3f} with `--no-pack`)" if row else ""


def loop_goals(document):
    what = "spawn loop at full speed, call sites with frame pointers, CPU of workload, children and recorder"
    own, peer = row_of(document, "loop", tool="callsites"), row_of(document, "loop", tool="perf-g")
    if not own:
        yield missing(what, "≤ 1.05 of bare, and below `perf record -a -g`")
    else:
        ratio, other = own["whole"]["median"], peer["whole"]["median"] if peer else None
        beside = f"{unpacked(document, 'loop', 'callsites')}; perf {other:.3f}" if peer else "; perf was not measured"
        yield goal(
            what,
            "≤ 1.05 of bare, and below `perf record -a -g`",
            f"{ratio:.3f}{beside}",
            ratio <= 1.05 and (other is None or ratio < other),
            by_how_much(ratio, 1.05),
        )
    what = "the same with complete stacks of a program without frame pointers"
    own, peer = row_of(document, "loop", tool="stacks"), row_of(document, "loop", tool="perf-dwarf")
    if not own:
        yield missing(what, "≤ 1.15 of bare")
        return
    ratio = own["whole"]["median"]
    beside = unpacked(document, "loop", "stacks") + (f"; perf's dwarf {peer['whole']['median']:.3f}" if peer else "")
    yield goal(what, "≤ 1.15 of bare", f"{ratio:.3f}{beside}", ratio <= 1.15, by_how_much(ratio, 1.15))


def rate_goals(document):
    for key, title in (("callsites", "call sites"), ("stacks", "complete stacks")):
        own, bare = row_of(document, "thousand", tool=key), row_of(document, "thousand", tool="bare")
        what = f"at 1,000 spawns/s, {title}: CPU in all, and p99 of the latency"
        target = "≤ 1.02 of bare; p99 within the noise of bare"
        if not own or not bare:
            yield missing(what, target)
            continue
        # Bare runs between bare runs: as far as their quartiles are from 1, nothing can be told from nothing.
        width = max(bare["p99"]["p75"], 1 / max(0.01, bare["p99"]["p25"]), 1.0)
        cpu, p99, noise = own["whole"]["median"], own["p99"]["median"], bare["whole"]
        figure = f"CPU {cpu:.3f}{unpacked(document, 'thousand', key)} (bare {noise['median']:.3f}, {noise['p25']:.3f}–{noise['p75']:.3f}), p99 {p99:.2f} (noise up to {width:.2f})"
        notes = [note for note in (by_how_much(cpu, 1.02, " of CPU"), by_how_much(p99, width, " of p99")) if note]
        yield goal(what, target, figure, not notes, "; ".join(notes))


def loss_goals(document):
    what, target = "lost at the highest rate, one minute", "0, or counted to the last event"
    for key, title in (("callsites", "call sites"), ("stacks", "complete stacks")):
        row = row_of(document, "loss", tool=key)
        if not row or row.get("seen") is None:
            yield missing(f"{what}, {title}", target)
            continue
        unseen = row["expected"] - row["seen"]
        figure = f"{row['seen']:,} of {row['expected']:,} seen in {row['seconds']} s, {row.get('lost', 0)} events lost by its own count"
        yield goal(f"{what}, {title}", target, figure, unseen == 0, "" if unseen == 0 else f"{unseen} spawns not seen")


def analysis_goals(document):
    what = "`fold` on 100 MiB and more"
    target = "≥ 50 × perf script with stackcollapse; ≥ 200 MiB/s on one core, faster on two"
    rows = [row for row in document["sections"].get("analysis", {}).get("rows", []) if not row["cold"] and "seconds" in row]

    def seconds(command, size, kind="fp"):
        row = next((row for row in rows if row["command"] == command and row["mebibytes"] == size and row["kind"] == kind), None)
        return (row["seconds"]["median"], row["bytes"] / 2**20, row["peak_kib"] / 1024) if row else None

    titles = {"fp": "frame pointers", "dwarf": "pieces of stack to unwind"}
    for kind, size in itertools.product(titles, (100, 1000)):
        name = f"{what}, {titles[kind]}, {size} MiB"
        both, one, peer = (seconds(command, size, kind) for command in ("fold", "fold, one core", "perf script | stackcollapse-perf.pl"))
        if not both or not one:
            yield missing(name, target)
            continue
        times = peer[0] / both[0] if peer else None
        figure = f"{times:.1f} ×" if peer else "no stackcollapse-perf.pl beside it"
        rate_one, rate = one[1] / one[0], both[1] / both[0]
        notes = []
        if times is None:
            notes.append("nothing beside it")
        elif times < 50:
            notes.append(f"{50 / times:.1f} times too slow for 50 ×")
        if rate_one < 200:
            notes.append(f"{200 - rate_one:.0f} MiB/s too slow on one core")
        if rate <= 1.05 * rate_one:
            notes.append("not faster on two")
        yield goal(name, target, f"{figure}; {rate_one:.0f} MiB/s on one core, {rate:.0f} on all", not notes, "; ".join(notes))
    for command in ("fold", "report"):
        # Of every kind of recording that was read in both sizes, the one that needs most.
        pairs = [(seconds(command, 100, kind), seconds(command, 1000, kind)) for kind in ("fp", "dwarf", "session")]
        pairs = [(small[2], large[2]) for small, large in pairs if small and large]
        if not pairs:
            yield missing(f"peak memory of `{command}`", "flat from 100 MiB to 1 GiB, ≤ 150 MiB")
            continue
        most = max(large for _, large in pairs)
        told = ", ".join(f"{small:.0f} → {large:.0f}" for small, large in pairs)
        yield goal(
            f"peak memory of `{command}`",
            "flat from 100 MiB to 1 GiB (≤ 1.5 ×, as distinct stacks grow), ≤ 150 MiB",
            f"{told} MiB",
            most <= 150 and all(large <= 1.5 * small for small, large in pairs),
            by_how_much(most, 150, " MiB"),
        )


def start_goals(document):
    times = document["sections"].get("start", {}).get("times")
    if not times:
        yield missing("`record -- true`", "≤ 50 ms more than `true`")
        return
    more = (times["spawnscope record -- true"]["median"] - times["true"]["median"]) * 1e3
    yield goal("`record -- true`", "≤ 50 ms more than `true`", f"{more:.1f} ms more", more <= 50, by_how_much(more, 50, " ms"))


def goals(document):
    makers = (loop_goals, rate_goals, loss_goals, analysis_goals, start_goals)
    return [found for maker in makers for found in maker(document)]
