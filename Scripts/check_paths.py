#!/usr/bin/env python3
"""Compares the folded call sites of Tests/Workloads/hundred_paths on standard input with the paths that it took.

    spawnscope fold --frames callsite | check_paths.py COUNT

Each of the hundred paths must be there COUNT times, its own functions in order and no other between; around them stand
frames of libc alone. Prints one line and exits with 1 when something differs.
"""

import re
import sys

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


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        print(__doc__, file=sys.stderr)
        return 64
    count = int(sys.argv[1])
    seen = {}
    problems = []
    total = 0
    for line in sys.stdin:
        stack, _, number = line.rstrip("\n").rpartition(" ")
        names = stack.split(";")
        total += int(number)
        own = tuple(name for name in names if OWN.fullmatch(name))
        # The creating call, the callback and the signal are the only places for libc's frames.
        first = next((index for index, name in enumerate(names) if OWN.fullmatch(name)), len(names))
        if names[0] != "_start" or first > 3 or any(name == "[unknown]" for name in names):
            problems.append(f"not from _start to main: {stack}")
        for index in range(1, len(names)):
            if OWN.fullmatch(names[index - 1]) and not OWN.fullmatch(names[index]):
                caller = names[index - 1]
                if not re.fullmatch(r"by_\w+|\w+_6|\w+_9|workload_\w+", caller):
                    problems.append(f"{names[index]} is not called by {caller}: {stack}")
        seen[own] = seen.get(own, 0) + int(number)
    wanted = {tuple(path) for path in expected()}
    for path in wanted:
        if seen.get(path, 0) != count:
            problems.append(f"{seen.get(path, 0)} instead of {count} of {';'.join(path)}")
    for path in seen.keys() - wanted:
        problems.append(f"{seen[path]} of a path that is none: {';'.join(path)}")
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    print(f"{total} spawns, {len(seen.keys() & wanted)} of {len(wanted)} paths, {len(problems)} problems.")
    return 1 if problems else 0


sys.exit(main())
