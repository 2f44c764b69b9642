"""Prints the stack of a program's first creating call, for gdb: gdb -batch -x gdb_stack.py --args PROGRAM…

A line a frame that is not inlined, outermost first: the names that the symbol tables have for the function, separated
by blanks, or `[file]` where they have none.
"""

import contextlib
import re
import subprocess

import gdb


def symbols(path):
    """Names by address, of a file and of its separate debug file."""
    found = {}
    build_id = re.search(r"Build ID: ([0-9a-f]+)", subprocess.run(["readelf", "-n", path], capture_output=True, text=True).stdout)
    files = [path]
    if build_id:
        files.append(f"/usr/lib/debug/.build-id/{build_id[1][:2]}/{build_id[1][2:]}.debug")
    for file in files:
        for options in ([], ["-D"]):
            run = subprocess.run(["nm", "--defined-only", *options, file], capture_output=True, text=True, check=False)
            for line in run.stdout.splitlines():
                address, kind, name = line.split(maxsplit=2)
                if kind in "tTwWiuV":
                    found.setdefault(int(address, 16), set()).add(name.split("@")[0])
    return found


TABLES = {}


def names(pc):
    """All names of the function around an address."""
    said = gdb.execute(f"info symbol {pc:#x}", to_string=True).strip()
    path = gdb.solib_name(pc) or gdb.current_progspace().filename
    match = re.match(r"(.+?)(?: \+ (\d+))? in section", said)
    if not match:
        return {f"[{path.rsplit('/', 1)[-1]}]"}
    if path not in TABLES:
        TABLES[path] = symbols(path)
    # The aliases of the symbol that gdb chose, wherever the file is loaded.
    for aliases in TABLES[path].values():
        if match[1] in aliases:
            return aliases
    return {match[1]}


for setting in (
    "pagination off",
    "print demangle off",
    "print asm-demangle off",
    "backtrace past-main on",
    "backtrace past-entry on",
    "debuginfod enabled off",
    "print thread-events off",
    "confirm off",
    "detach-on-fork on",
    "follow-fork-mode parent",
):
    with contextlib.suppress(gdb.error):
        gdb.execute(f"set {setting}", to_string=True)
gdb.execute("catch syscall fork vfork clone clone3", to_string=True)
gdb.execute("run", to_string=True)
# A thread is no spawn: its creation has CLONE_THREAD.
while gdb.selected_inferior().pid:
    number = int(gdb.parse_and_eval("$orig_rax"))
    flags = 0
    if number == 56:  # clone
        flags = int(gdb.parse_and_eval("$rdi"))
    elif number == 435:  # clone3
        flags = int(gdb.parse_and_eval("*(unsigned long *)$rdi"))
    if not flags & 0x10000:
        break
    gdb.execute("continue", to_string=True)
frame = gdb.newest_frame()
lines = []
# gdb goes on behind Go's outermost frame, to address 0.
while frame is not None and frame.pc() != 0:
    if frame.type() in (gdb.NORMAL_FRAME, gdb.SIGTRAMP_FRAME):
        # Of a caller the call itself, which lies before the return address.
        inner = frame.newer()
        is_caller = inner is not None and inner.type() != gdb.SIGTRAMP_FRAME and lines
        lines.append(" ".join(sorted(names(frame.pc() - (1 if is_caller else 0)))))
    frame = frame.older()
with open(gdb.convenience_variable("output").string(), "w", encoding="utf-8") as output:
    output.write("\n".join(reversed(lines)) + "\n")
gdb.execute("kill", to_string=True)
