#!/usr/bin/env python3
"""Counts the stacks that reach their outermost frame, in what a tool printed on standard input.

    check_stacks.py perf PROGRAM…       `perf script -F ip,sym,dso` of one event: a stack a paragraph, outermost last
    check_stacks.py folded PROGRAM…     folded call sites, `outermost;…;innermost number`

Prints `REACHED ALL`. A stack reaches its outermost frame where nobody has called that: a program's or the dynamic
linker's entry, the start of a thread, or Go's goexit. PROGRAM is a file whose entry point tells a stripped program's
`_start`; PROGRAM=ADDRESS gives the address of the function that nobody calls (hexadecimal) where that is another.
"""

import re
import struct
import sys

ENTRIES = {"_start", "_dl_start_user", "runtime.goexit", "runtime.goexit.abi0"}
# Where a thread starts, and also what creates one: outermost only with something called from it.
THREAD_STARTS = {"clone", "__clone", "clone3", "__clone3", "start_thread"}
# `_start` has less than this on x86-64 and arm64.
ENTRY_SIZE = 0x40


def entry_point(path, address):
    """The low twelve bits of the address, or of e_entry: maps keep them."""
    if address:
        return int(address, 16) & 0xFFF
    with open(path, "rb") as file:
        header = file.read(64)
    if header[:4] != b"\x7fELF":
        return None
    return struct.unpack_from("<Q", header, 24)[0] & 0xFFF


def reaches(name, depth, address=None, entry=None):
    name = re.sub(r"\+0x[0-9a-f]+$", "", name).split("@")[0]
    if name in ENTRIES:
        return True
    if name in THREAD_STARTS:
        return depth > 1
    if name == "[unknown]" and entry is not None:
        return 0 <= (address & 0xFFF) - entry < ENTRY_SIZE
    return False


def count_perf(lines, entries):
    reached = total = 0
    stack = []
    for line in [*lines, ""]:
        line = line.strip()
        if line:
            stack.append(line)
            continue
        if stack:
            total += 1
            match = re.match(r"([0-9a-f]+) (.*) \((.*)\)$", stack[-1])
            if match:
                reached += reaches(match[2], len(stack), int(match[1], 16), entries.get(match[3]))
        stack = []
    return reached, total


def count_folded(lines, programs):
    files = {f"[{program.rsplit('/', 1)[-1]}]" for program, _ in programs}
    reached = total = 0
    for line in lines:
        stack, _, number = line.rstrip("\n").rpartition(" ")
        frames = stack.split(";")
        total += int(number)
        # A stripped program's entry has no name, but its file's.
        if frames[0] in files or reaches(frames[0], len(frames)):
            reached += int(number)
    return reached, total


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("perf", "folded"):
        print(__doc__, file=sys.stderr)
        return 64
    form = sys.argv[1]
    programs = [text.partition("=")[::2] for text in sys.argv[2:]]
    if form == "perf":
        counts = count_perf(sys.stdin, {program: entry_point(program, address) for program, address in programs})
    else:
        counts = count_folded(sys.stdin, programs)
    print(*counts)
    return 0


sys.exit(main())
