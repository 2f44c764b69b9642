#!/usr/bin/env python3
"""Compares a folded call site on standard input with gdb's stack: check_gdb.py GDB-STACK [FILE]

The fold's first line is taken. Each of its frames must be one of the names that the same line of GDB-STACK has,
`[file]` where a stripped file has none. With FILE, ours is a stripped copy of what gdb saw, whose frames are all
`[FILE]`. Prints the number of frames, or the difference and exits with 1.
"""

import re
import sys


def plain(name):
    """Without what demangling, versions and clones of a function add."""
    return re.sub(r"(@.*|\.abi0|\.(part|constprop|isra|cold)\.\d+)$", "", name)


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 64
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = [{plain(name) for name in line.split(" ")} for line in file.read().splitlines()]
    if len(sys.argv) == 3:
        wanted = [{f"[{sys.argv[2]}]"} for _ in wanted]
    ours = sys.stdin.readline().rstrip("\n").rpartition(" ")[0].split(";")
    same = len(ours) == len(wanted) and all(plain(name) in names for name, names in zip(ours, wanted))
    if same:
        print(len(ours))
        return 0
    print(f"{len(ours)} frames, gdb has {len(wanted)}")
    for index in range(max(len(ours), len(wanted))):
        left = ours[index] if index < len(ours) else "-"
        right = " ".join(sorted(wanted[index])) if index < len(wanted) else "-"
        print(f"  {left} | {right}", file=sys.stderr)
    return 1


sys.exit(main())
