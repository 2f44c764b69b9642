"""Whether two runs of the benchmark put the tools into the same order, row by row.

Two tools change places where one is ahead of the other in one run and behind it in the other, each time by more than the spread of
their rounds: their quartiles do not overlap. Tools whose quartiles do overlap have no order, and the page says so of none.
"""

import itertools

# Of what was measured once, the share by which two figures have to differ.
ONCE = 0.1


def rows(document):
    """(name of the row, {tool: (low, median, high)})"""
    sections = document["sections"]
    for name in ("loop", "thousand"):
        for column in ("whole", "workload", "wall", "p99"):
            yield f"{name}, {column}", {row["tool"]: quartiles(row[column]) for row in rows_of(sections, name)}
    for section, steps, columns in (("programs", "programs", ("cpu", "wall")), ("rates", "steps", ("cpu", "p99")), ("quiet", "steps", ("cpu",))):
        found = rows_of(sections, section)
        for step in sorted({step for row in found for step in row[steps]}):
            for column in columns:
                yield f"{section}, {step}, {column}", {
                    row["tool"]: quartiles(row[steps][step][column]) for row in found if row[steps].get(step, {}).get(column)}
    yield "loss, share of the spawns that were seen", {
        row["tool"]: quartiles({"median": row["seen"] / row["expected"], "n": 1})
        for row in rows_of(sections, "loss") if row.get("seen") is not None}
    found = [row for row in rows_of(sections, "analysis") if "seconds" in row]
    for key in sorted({(row["kind"], row["mebibytes"], row["cold"]) for row in found}):
        yield f"{key[0]}, {key[1]} MiB, {'cold' if key[2] else 'warm'}, seconds", {
            row["command"]: quartiles(row["seconds"]) for row in found if (row["kind"], row["mebibytes"], row["cold"]) == key}
    yield "start, seconds", {name: quartiles(value) for name, value in sections.get("start", {}).get("times", {}).items()}


def rows_of(sections, name):
    return sections.get(name, {}).get("rows", [])


def quartiles(value):
    median = value["median"]
    if value.get("n", 1) > 1:
        return value["p25"], median, value["p75"]
    return median * (1 - ONCE / 2), median, median * (1 + ONCE / 2)


def ahead(one, other):
    """-1 where the first is less, 1 where it is more, 0 where the spreads overlap."""
    return -1 if one[2] < other[0] else 1 if one[0] > other[2] else 0


def gap(one, other):
    """What lies between the spreads of two that have an order."""
    return max(other[0] - one[2], one[0] - other[2])


def compare(document, other):
    """How many rows both runs have, and what changes places in which."""
    earlier = dict(rows(other))
    changed, count, pairs = [], 0, 0
    for name, tools in rows(document):
        shared = sorted(set(tools) & set(earlier.get(name, {})))
        if len(shared) < 2:
            continue
        count += 1
        for one, two in itertools.combinations(shared, 2):
            now, then = ahead(tools[one], tools[two]), ahead(earlier[name][one], earlier[name][two])
            pairs += now != 0 and then != 0
            if now * then < 0:
                unit = " s" if name.endswith("seconds") else ""
                nearer = gap(earlier[name][one], earlier[name][two]), gap(tools[one], tools[two])
                changed.append(f"{name}: {one} and {two}, apart by {nearer[0]:.3f}{unit} before and {nearer[1]:.3f}{unit} now")
    return {"revision": other["revision"], "date": other["date"], "rows": count, "pairs": pairs, "changed": changed}
