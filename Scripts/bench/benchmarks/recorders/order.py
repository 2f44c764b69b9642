"""Whether two runs of the benchmark put the tools into the same order, row by row.

One tool is ahead of another in a row where the quartiles of their rounds do not overlap, and what lies between these is more than the
row's noise. The noise is a share of the smaller figure:

- of ratios to bare, the distance of the quartiles of bare beside bare in that row, the larger of both runs';
- of wall time, 0.15 at least;
- of what has no bare beside it (seconds, shares), a tenth.

Tools of which neither is ahead have no order. Where one is ahead in the one run and behind in the other, the order is another. What
the quartiles alone say, without the noise, is told besides.
"""

import itertools

WALL = 0.15
WITHOUT_BARE = 0.1


def rows(document):
    """(name of the row, whether it is wall time, {tool: (low, median, high)})"""
    sections = document["sections"]
    for name in ("loop", "thousand"):
        for column in ("whole", "workload", "wall", "p99"):
            yield f"{name}, {column}", column == "wall", {row["tool"]: quartiles(row[column]) for row in rows_of(sections, name)}
    for section, steps, columns in (
        ("programs", "programs", ("cpu", "wall")),
        ("rates", "steps", ("cpu", "p99")),
        ("quiet", "steps", ("cpu",)),
    ):
        found = rows_of(sections, section)
        for step in sorted({step for row in found for step in row[steps]}):
            for column in columns:
                yield (
                    f"{section}, {step}, {column}",
                    column == "wall",
                    {row["tool"]: quartiles(row[steps][step][column]) for row in found if row[steps].get(step, {}).get(column)},
                )
    counted = [row for row in rows_of(sections, "loss") if row.get("seen") is not None]
    yield (
        "loss, share of the spawns that were seen",
        False,
        {row["tool"]: quartiles({"median": row["seen"] / row["expected"]}) for row in counted},
    )
    yield "loss, 1 if any was unseen", False, {row["tool"]: quartiles({"median": int(row["seen"] < row["expected"])}) for row in counted}
    found = [row for row in rows_of(sections, "analysis") if "seconds" in row]
    for key in sorted({(row["kind"], row["mebibytes"], row["cold"]) for row in found}):
        yield (
            f"{key[0]}, {key[1]} MiB, {'cold' if key[2] else 'warm'}, seconds",
            False,
            {row["command"]: quartiles(row["seconds"]) for row in found if (row["kind"], row["mebibytes"], row["cold"]) == key},
        )
    yield "start, seconds", False, {name: quartiles(value) for name, value in sections.get("start", {}).get("times", {}).items()}


def rows_of(sections, name):
    return sections.get(name, {}).get("rows", [])


def quartiles(value):
    return value.get("p25", value["median"]), value["median"], value.get("p75", value["median"])


def noise_of(is_wall, *runs):
    """The share of a figure that is noise in a row, of its tools in each run."""
    bares = [tools["bare"][2] - tools["bare"][0] for tools in runs if "bare" in tools]
    return max([*bares, WALL] if is_wall else bares or [WITHOUT_BARE])


def ahead(one, other, noise=0.0):
    """-1 where the first is less, 1 where it is more, 0 where that is not to be told."""
    return 0 if gap(one, other) <= noise * min(one[1], other[1]) else -1 if one[2] < other[0] else 1


def gap(one, other):
    """What lies between the quartiles of two; 0 or less where they overlap."""
    return max(other[0] - one[2], one[0] - other[2])


def compare(document, other):
    """How many rows both runs have, in how many pairs one tool is ahead in both runs, and what changes places in which."""
    earlier = {name: tools for name, _, tools in rows(other)}
    found = {
        "revision": other["revision"],
        "date": other["date"],
        "goals": other.get("goals", []),
        "rows": 0,
        "pairs": 0,
        "changed": [],
        "pairs_by_quartiles": 0,
        "changed_by_quartiles": [],
    }
    for name, is_wall, tools in rows(document):
        then = earlier.get(name, {})
        shared = sorted(set(tools) & set(then))
        if len(shared) < 2:
            continue
        found["rows"] += 1
        noise = noise_of(is_wall, tools, then)
        for one, two in itertools.combinations(shared, 2):
            for suffix, least in (("", noise), ("_by_quartiles", 0.0)):
                signs = ahead(tools[one], tools[two], least) * ahead(then[one], then[two], least)
                found["pairs" + suffix] += signs != 0
                if signs < 0:
                    unit = " s" if name.endswith("seconds") else ""
                    found["changed" + suffix].append(
                        f"{name}: {one} and {two}, apart by {gap(then[one], then[two]):.3f}{unit} before and "
                        f"{gap(tools[one], tools[two]):.3f}{unit} now; the row's noise is {100 * noise:.0f}%"
                    )
    return found
