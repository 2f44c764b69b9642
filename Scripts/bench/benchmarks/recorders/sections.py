"""The sections of Results/benchmark.md."""

from bench.figures import spread_text
from bench.page import table

PROGRAM_TITLES = {
    "posix_spawn": "C posix_spawn",
    "fork": "C fork",
    "fork_1g": "C fork, 1 GiB",
    "go": "Go os/exec",
    "python": "Python subprocess",
    "dash": "dash",
    "make": "make -j2",
    "tests": "Python's tests",
}


def title(document, key):
    return document["titles"].get(key, key)


def missing_rows(document, section, width):
    """A row for each tool that is not there, with the reason."""
    there = {row["tool"] for row in section["rows"]}
    return [[title(document, key), "; ".join(lines), *["–"] * (width - 2)] for key, lines in section["remarks"].items() if key not in there]


def loop_page(document, section):
    rows = [
        [
            title(document, row["tool"]),
            spread_text(row["whole"], 3),
            spread_text(row["workload"]),
            spread_text(row["with_recorder"]),
            spread_text(row["machine"]),
            spread_text(row["wall"]),
            spread_text(row["p99"]),
            f"{row['recorder_us_per_spawn']:.0f}",
            f"{row['fixed_cpu_ms']:.0f}",
            f"{row['file_bytes_per_spawn']:.0f}",
        ]
        for row in section["rows"]
    ]
    speed = f"{section['rate']:,} a second" if section["rate"] else "full speed"
    return "\n".join(
        [
            f"## Overhead: one spawn loop at {speed}, everything counted",
            "",
            f"{section['spawns']} spawns by posix_spawn, each run between two bare ones; complete stacks and dwarf of a program without "
            "frame pointers, the others of one with. *In all* is the CPU time of workload, children and recorder from its start to its end, "
            "less what the same recorder takes around `true`, which is the column of its own. *During*: only while the loop ran. *Machine*: "
            "what of all CPUs was not idle meanwhile, other processes included. With `--no-pack` Spawnscope does as perf does, which leaves stacks and "
            "names to those who read; without, it unwinds and names them when the command has ended. The first row is bare between bare: what differs less is noise. "
            "The loop and its children are kept on one CPU, since where the scheduler puts them moves a run by more than most recorders; recorders are free. "
            "A process that Spawnscope leaves behind to close its events is in none of them.",
            "",
            table(
                [
                    "",
                    "CPU in all",
                    "CPU of workload and children",
                    "CPU with recorder, during",
                    "machine, during",
                    "wall",
                    "p99 latency",
                    "recorder's µs a spawn",
                    "recorder's start and end, CPU ms",
                    "file, bytes a spawn",
                ],
                rows + missing_rows(document, section, 10),
            ),
        ]
    )


def programs_page(document, section):
    parts = [
        "## Overhead: programs that spawn, at full speed",
        "",
        "CPU time of workload, children and recorder while the program ran, ratio to bare: median (quartiles). Recordings of one tool hold "
        "all programs one after the other. strace, ltrace and `perf trace` of all calls are given a fifth of the spawns, and bare runs of the same length. "
        "The row of bare is bare beside bare: what differs less is noise. "
        f"make: {document['make'] or 'not measured'}.",
    ]
    names = section["programs"]
    for kind, heading in (
        ("cpu", None),
        ("wall", "Wall time, ratio to bare (within ±0.15 it is noise on such a machine)"),
        ("machine", "All CPUs together, ratio to bare: what was not idle, the kernel's work for the recorder included"),
    ):
        if heading:
            parts += ["", heading + ":"]
        rows = [
            [title(document, row["tool"]), *(spread_text(row["programs"].get(name, {}).get(kind)) for name in names)]
            for row in section["rows"]
        ]
        parts += [
            "",
            table(
                ["", *(PROGRAM_TITLES[name] for name in names)],
                rows + (missing_rows(document, section, len(names) + 1) if not heading else []),
            ),
        ]
    return "\n".join(parts)


def rates_page(document, section):
    rows = []
    for row in section["rows"]:
        for name, step in row["steps"].items():
            language, rate = name.split("_")
            rows.append(
                [
                    title(document, row["tool"]),
                    {"c": "C", "go": "Go", "python": "Python"}[language],
                    rate,
                    spread_text(step["cpu"], 3),
                    spread_text(step["machine"]),
                    spread_text(step["p50"]),
                    spread_text(step["p99"]),
                    f"{step['p99_us']['median']:.0f}",
                    f"{step['late']['median'] * 100:.1f}%",
                ]
            )
    rows.sort(key=lambda row: (row[1], int(row[2])))
    return "\n".join(
        [
            "## Overhead: at a given rate",
            "",
            "CPU of workload, children and recorder meanwhile, and the program's own latency from the call to the end of the wait, ratios to bare. "
            "*Late*: the rate was not kept. The row of bare is bare beside bare. Tools under which a spawn takes longer than a turn are left out of "
            "1,000 a second, and dash, which cannot wait for a part of a second without spawning, of both.",
            "",
            table(["", "by", "a second", "CPU", "machine", "p50", "p99", "p99, µs", "late"], rows),
        ]
    )


def quiet_page(document, section):
    rows = [
        [title(document, row["tool"]), *(spread_text(row["steps"][name][kind]) for name in ("calls", "server") for kind in ("cpu", "wall"))]
        for row in section["rows"]
    ]
    return "\n".join(
        [
            "## Overhead: programs that never spawn",
            "",
            "A loop of getppid(2), and a server that answers requests over a socket as fast as they come, ratios to bare. The row of bare is bare beside bare.",
            "",
            table(["", "calls, CPU", "calls, wall", "server, CPU", "server, wall"], rows),
        ]
    )


def loss_page(document, section):
    rows = []
    for row in section["rows"]:
        if "made" not in row:
            rows.append(
                [
                    title(document, row["tool"]),
                    row["seconds"],
                    "failed: " + "; ".join(section["remarks"].get(row["tool"], [])),
                    "–",
                    "–",
                    "–",
                ]
            )
            continue
        share = f"{(row['expected'] - row['seen']) * 100 / row['expected']:.3f}%" if row.get("seen") is not None else "–"
        seen = f"{row['seen']:,} of {row['expected']:,}" if row.get("seen") is not None else "–"
        rows.append([title(document, row["tool"]), row["seconds"], seen, share, f"{row['rate']:.0f}", f"{row['file_bytes'] / 2**20:.0f}"])
    return "\n".join(
        [
            "## Loss: two loops at full speed",
            "",
            "What each tool saw of the spawns made, by its own output: Spawnscope's count of spawns, the executions of `/bin/true` that the others "
            "printed. Tools whose files grow by 100 MB a second, and those that slow the loops down, get less than a minute.",
            "",
            table(["", "seconds", "seen", "unseen", "spawns a second", "file, MiB"], rows + missing_rows(document, section, 6)),
        ]
    )


def analysis_page(document, section):
    rows = []
    for row in section["rows"]:
        head = [
            {"fp": "frame pointers", "dwarf": "dwarf", "session": "session"}[row["kind"]],
            f"{row['bytes'] / 2**20:.0f}",
            f"`{row['command']}`",
            "cold" if row["cold"] else "warm",
        ]
        if "seconds" in row:
            rows.append(
                [
                    *head,
                    spread_text(row["seconds"]),
                    f"{row['bytes'] / 2**20 / row['seconds']['median']:.1f}",
                    f"{row['peak_kib'] / 1024:.0f}",
                    row["processes"],
                    row["seconds"]["n"],
                ]
            )
        else:
            rows.append([*head, "failed, or not over in 240 s", "–", "–", "–", row["failed"]])
    same = section["same"]
    checked = (
        f" Stacks of the smallest recording, by Spawnscope and by perf script: {same['lines']} lines, {same['different']} differ."
        if same
        else ""
    )
    without = "" if section["stackcollapse"] else " No stackcollapse-perf.pl was given (STACKCOLLAPSE): perf script stands alone."
    return "\n".join(
        [
            "## Analysis",
            "",
            "cpu-clock samples of the whole machine by perf, and sessions of Spawnscope as they are recorded (`--no-pack`). The recording is always in the "
            "page cache; *cold* means that programs, libraries and so symbols are not. Peak is of the largest process; processes and threads are those "
            "started beyond the first. Stacks are unwound where the recording is dwarf's, by either. inferno could not be had: neither Debian "
            f"nor PyPI has it.{without}{checked}",
            "",
            table(["recording", "MiB", "command", "symbols", "seconds", "MiB/s", "peak MiB", "processes and threads", "rounds"], rows),
            "",
            growth(section),
        ]
    )


def growth(section):
    lines = []
    warm = [row for row in section["rows"] if not row["cold"] and "seconds" in row]
    for kind, command in dict.fromkeys((row["kind"], row["command"]) for row in warm):
        sizes = sorted((row for row in warm if (row["kind"], row["command"]) == (kind, command)), key=lambda row: row["bytes"])
        if len(sizes) > 1:
            first, last = sizes[-2], sizes[-1]
            lines.append(
                f"- `{command}`, {kind}: over {last['bytes'] / first['bytes']:.1f} times the bytes, "
                f"{last['seconds']['median'] / first['seconds']['median']:.1f} times the seconds and "
                f"{last['peak_kib'] / first['peak_kib']:.2f} times the memory"
            )
    return "\n".join(["From the second largest to the largest:", "", *lines])


def start_page(document, section):
    rows = [
        [f"`{key}`", f"{value['median'] * 1e3:.1f} ({value['p25'] * 1e3:.1f}–{value['p75'] * 1e3:.1f})"]
        for key, value in section["times"].items()
        if value
    ]
    stripped = f", {section['stripped_bytes'] / 2**20:.1f} MiB stripped" if section["stripped_bytes"] else ""
    return "\n".join(
        [
            "## Start",
            "",
            table(["", "milliseconds"], rows),
            "",
            f"The program has {section['bytes'] / 2**20:.1f} MiB{stripped}, and needs {len(section['libraries'])} libraries: {', '.join(section['libraries'])}.",
        ]
    )


def instructions_page(document, section):
    if "missing" in section:
        return f"## Instructions\n\n{section['missing']}"
    rows = [[f"`{row['command']}`", f"{row['instructions']:,}" if row["instructions"] else "failed"] for row in section["rows"]]
    return "\n".join(
        [
            "## Instructions",
            "",
            f"Callgrind's count, of the tests' `{section['file']}` repeated to {section['bytes'] / 2**20:.1f} MiB; from run to run within 2%.",
            "",
            table(["", "instructions"], rows),
        ]
    )


def where_page(document, section):
    if not section["rows"]:
        return "## Where the time goes\n\nperf could not sample."
    names = list(section["rows"][0]["groups"])
    rows = [
        [
            title(document, row["tool"]),
            *(f"{100 * row['groups'][name]:+.1f}" for name in names),
            f"{100 * row['rest']:+.1f}",
            f"{100 * row['total']:+.1f}",
        ]
        for row in section["rows"]
    ]
    return "\n".join(
        [
            "## Where the time goes",
            "",
            f"{section['spawns']} spawns at full speed, sampled by cpu-clock beside the recorder: percent of the bare loop's CPU time, by what was on the "
            "kernel's stack, less what the bare loop has of it under the same sampling. *Elsewhere* is noise, and the caches. Of perf as the recorder its own "
            "process is not counted, which cannot be told from the one that samples.",
            "",
            table(["", *names, "elsewhere", "all"], rows),
        ]
    )


PAGES = {
    "loop": loop_page,
    "thousand": loop_page,
    "programs": programs_page,
    "rates": rates_page,
    "quiet": quiet_page,
    "loss": loss_page,
    "analysis": analysis_page,
    "start": start_page,
    "instructions": instructions_page,
    "where": where_page,
}
