"""Counts the stacks that reach their outermost frame: where nobody has called that, so a program's or the dynamic linker's entry, the start
of a thread, or Go's goexit.
"""

import re
import struct

ENTRIES = {"_start", "_dl_start_user", "runtime.goexit", "runtime.goexit.abi0"}
# Where a thread starts, and also what creates one: outermost only with something called from it.
THREAD_STARTS = {"clone", "__clone", "clone3", "__clone3", "start_thread"}
# `_start` has less than this on x86-64 and arm64.
ENTRY_SIZE = 0x40


def entry_point(path, address=None):
    """The low twelve bits of the address, or of e_entry: maps keep them."""
    if address is not None:
        return address & 0xFFF
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
    """(reached, all) of `perf script -F ip,sym,dso` of one event: a stack a paragraph, outermost last. `entries` has the low bits of the
    address of a stripped program's outermost function, by its path."""
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
    """Likewise of folded call sites, `outermost;…;innermost number`."""
    files = {f"[{program.rsplit('/', 1)[-1]}]" for program in programs}
    reached = total = 0
    for line in lines:
        stack, _, number = line.rstrip("\n").rpartition(" ")
        frames = stack.split(";")
        total += int(number)
        # A stripped program's entry has no name, but its file's.
        if frames[0] in files or reaches(frames[0], len(frames)):
            reached += int(number)
    return reached, total
