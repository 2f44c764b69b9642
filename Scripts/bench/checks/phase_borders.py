"""Compares a report's phases with the stamps of Tests/Workloads/stamped.

For each border that the program can stamp there is a row: the phases, their median by the report and by the stamps, the median of the
differences of single spawns, the sum's deviation in percent, and the verdict. The sum must be within 10%, or the median difference within
30 µs for `search`, and 150 µs for the others (200 from a large process): what the kernel does around a border, the first page copies after
a fork above all, is invisible to the program. Every spawn must be there with every phase, its phases must add up to its total, and the
failed attempts must be as many as the program made.
"""

import statistics

from bench import page

# Phases, and the stamps that enclose them.
BORDERS = [
    (("create", "wake"), "before_create", "child_began"),
    (("prepare",), "child_began", "first_attempt"),
    (("search",), "first_attempt", "last_attempt"),
    (("exec", "link", "run"), "last_attempt", "before_exit"),
    (("reap",), "before_exit", "after_wait"),
]
UNSTAMPED = [
    (("create", "wake", "prepare", "search", "exec", "link", "run"), "before_create", "before_exit"),
    (("reap",), "before_exit", "after_wait"),
]
NEEDED = ("create", "wake", "prepare", "search", "exec", "run", "reap")
LARGE_MIB = 512


def allowance_us(phases, stamps):
    if phases == ("search",):
        return 30
    return 200 if stamps["resident_mib"] >= LARGE_MIB else 150


def row(name, title, ours, theirs, allowance):
    """The row, and whether it is within bounds; times in nanoseconds."""
    median = statistics.median(abs(own - their) for own, their in zip(ours, theirs)) / 1000
    deviation = abs(sum(ours) - sum(theirs)) / max(1, sum(theirs)) * 100
    good = deviation <= 10 or median <= allowance
    cells = [name, title, f"{statistics.median(ours) / 1000:.1f}", f"{statistics.median(theirs) / 1000:.1f}",
             f"{median:.1f} (≤ {allowance})", f"{deviation:.2f}", "within" if good else "outside"]  # fmt: skip
    return cells, good


def compare(name, report, stamps):
    """The rows of `spawnscope report --format json --spawns` beside what the program printed, and what is wrong, in words."""
    rows, problems = [], []
    by_pid = {spawn["pid"]: spawn for spawn in report["spawns"]}
    pairs = [(by_pid.get(stamp["pid"]), stamp) for stamp in stamps["spawns"]]
    if any(spawn is None for spawn, _ in pairs) or len(by_pid) != len(pairs) or not pairs:
        return rows, [f"{len(by_pid)} spawns in the report, {len(pairs)} made, or not the same pids"]
    if report["session"].get("lost") != 0:
        problems.append(f"lost: {report['session'].get('lost')}")
    attempts = report["totals"].get("failed_attempts")
    if attempts != stamps["misses"] * len(pairs):
        problems.append(f"{attempts} failed attempts, {stamps['misses'] * len(pairs)} made")
    for spawn, _ in pairs:
        missing = [phase for phase in NEEDED if phase not in spawn["phases"]]
        if missing:
            problems.append(f"{spawn['pid']}: without {', '.join(missing)}")
        elif sum(spawn["phases"].values()) != spawn["total_ns"]:
            problems.append(f"{spawn['pid']}: phases add up to {sum(spawn['phases'].values())}, total is {spawn['total_ns']}")
    if problems:
        return rows, problems

    def add(title, ours, theirs, allowance):
        cells, good = row(name, title, ours, theirs, allowance)
        rows.append(cells)
        if not good:
            problems.append(f"outside: {page.row(cells)}")

    for phases, start, end in BORDERS if "child_began" in stamps["spawns"][0] else UNSTAMPED:
        ours = [sum(spawn["phases"].get(phase, 0) for phase in phases) for spawn, _ in pairs]
        add(" + ".join(phases), ours, [stamp[end] - stamp[start] for _, stamp in pairs], allowance_us(phases, stamps))
    totals = [stamp["after_wait"] - stamp["before_create"] for _, stamp in pairs]
    add("total", [spawn["total_ns"] for spawn, _ in pairs], totals, allowance_us((), stamps))
    # On the same clock: how long before the call the program looked at it.
    early = statistics.median(spawn["start_ns"] - stamp["before_create"] for spawn, stamp in pairs) / 1000
    if not 0 <= early <= 150:
        problems.append(f"start_ns is {early:.1f} µs after the program's own stamp before the call")
    return rows, problems
