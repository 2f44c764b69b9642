"""Folded call sites of Tests/Workloads/hundred_paths are the paths that it took.

    spawnscope fold --frames callsite | python3 Scripts/bench check paths COUNT

Each of the hundred paths must be there COUNT times, its own functions in order and no other between; around them stand frames of libc
alone. Prints one line.
"""

import re
import sys

from bench.options import number_from
from bench.processes import say

# What each shape calls its successor from, in its own words.
INNER = {
    6: ["{0}_6", "{0}_compare"],
    7: ["{0}_7"] + ["{0}_recurse"] * 6,
    8: ["{0}_8", "{0}_arguments"],
    9: ["{0}_9", "{0}_handler"],
}
WAYS = ["by_posix_spawn", "by_fork", "by_vfork"]
OWN = re.compile(r"(outer|inner)_\w+|enter_inner|spawn_one|by_\w+|main|workload_\w+")


def frames(name, shape):
    return [frame.format(name) for frame in INNER.get(shape, [f"{{0}}_{shape}"])]


def expected():
    for path in range(100):
        outer, inner = divmod(path, 10)
        yield ("main", *frames("outer", outer), "enter_inner", *frames("inner", inner), "spawn_one", WAYS[path % 3])


def add_options(parser):
    parser.add_argument("count", metavar="COUNT", type=number_from(1), help="spawns along each path")


def run(options):
    verdict, problems = compare(sys.stdin, options.count)
    for problem in problems[:20]:
        say(problem)
    print(verdict)
    return 1 if problems else 0


def compare(lines, count):
    """The verdict in one line, and what is wrong."""
    seen, problems, total = {}, [], 0
    for line in lines:
        stack, _, number = line.rstrip("\n").rpartition(" ")
        names = stack.split(";")
        total += int(number)
        own = tuple(name for name in names if OWN.fullmatch(name))
        problems += misplaced(stack, names)
        seen[own] = seen.get(own, 0) + int(number)
    wanted = set(expected())
    for path in sorted(wanted):
        if seen.get(path, 0) != count:
            problems.append(f"{seen.get(path, 0)} instead of {count} of {';'.join(path)}")
    for path in sorted(seen.keys() - wanted):
        problems.append(f"{seen[path]} of a path that is none: {';'.join(path)}")
    return f"{total} spawns, {len(seen.keys() & wanted)} of {len(wanted)} paths, {len(problems)} problems.", problems


def misplaced(stack, names):
    """The creating call, the callback and the signal are the only places for libc's frames."""
    first = next((index for index, name in enumerate(names) if OWN.fullmatch(name)), len(names))
    if names[0] != "_start" or first > 3 or "[unknown]" in names:
        yield f"not from _start to main: {stack}"
    for caller, name in zip(names, names[1:]):
        is_between = OWN.fullmatch(caller) and not OWN.fullmatch(name)
        if is_between and not re.fullmatch(r"by_\w+|\w+_6|\w+_9|workload_\w+", caller):
            yield f"{name} is not called by {caller}: {stack}"
