"""The call site of a program's first spawn has the same frames as gdb's stack at the creating call."""

import os
import pathlib
import re
import shutil

from bench import installing, processes
from bench.checks.stacks import METHODS
from bench.failure import Failure
from bench.page import Table, compose, write_page
from bench.processes import first_line, say
from bench.workbench import workbench

INTRODUCTION = """
The call site of a program's spawn beside `gdb` at the same creating call: number of frames that are not inlined, and whether each is
the function that gdb has there, by any of its names; in stripped code, whether it is that or the same file. gdb cannot unwind stripped Go: it
saw the same program with its tables there.
"""


def add_options(parser):
    parser.recorders()
    parser.output("Results/gdb.md")


def run(options):
    with workbench("record", "fold") as bench:
        if not shutil.which("gdb"):
            installing.call("apt_install", "gdb")
        table = Table("program", "recorder", "frames", "", tells=True)
        bad = 0
        for name, words, twin in workloads(bench):
            wanted = gdb_stack(bench, name, [twin or words[0], *words[1:]])
            if twin:
                # Ours is a stripped copy of what gdb saw: a frame has its name where Go's own tables tell it, else its file's.
                wanted = [names | {f"[{os.path.basename(words[0])}]"} for names in wanted]
            for recorder in bench.by_each(options.recorders):
                recording = bench.record(*words, must=True)
                folded = bench.ask("fold", "--frames", "callsite", recording.session)
                frames, is_same = compare(folded, wanted)
                table.add(name, recorder, frames, "same" if is_same else "different")
                bad += not is_same
        beside = [first_line(["gdb", "--version"])]
        write_page(options.output, compose("The same frames as gdb", INTRODUCTION, options, table, beside=beside))
    if bad:
        raise Failure(f"{bad} of {len(table.rows)} stacks differ")


def workloads(bench):
    """Names, commands that spawn once, and what gdb sees instead of the program."""
    for method in METHODS:
        yield f"C -O2, {method}", [bench.program("spawn_loop_bare"), "-m", method, 1], None
    yield "Go", [bench.program("spawn_loop_go"), 1], None
    yield "Go, stripped", [bench.program("spawn_loop_go_stripped"), 1], bench.program("spawn_loop_go")
    for shell in ("dash", "bash"):
        yield shell, [shell, bench.program("spawn_loop.sh"), 1], None
    yield "CPython of Debian", ["/usr/bin/python3", bench.program("spawn_loop.py"), 1], None
    yield "perl", ["perl", bench.program("spawn_loop.pl"), 1], None
    makefile = bench.scratch / "Makefile"
    makefile.write_text("all:\n\t@/bin/true\n")
    yield "make", ["make", "-s", "-f", makefile], None


def gdb_stack(bench, name, words):
    """The names of each frame, outermost first."""
    output = bench.scratch / "gdb"
    output.unlink(missing_ok=True)
    script = pathlib.Path(__file__).with_name("gdb_stack.py")
    settings = ["-nx", "-batch", "-iex", "set auto-load no", "-ex", f'set $output="{output}"', "-x", script]
    said = processes.run(["gdb", *settings, "--args", *words])
    if not output.exists() or not output.stat().st_size:
        say(said.stdout + said.stderr)
        raise Failure(f"gdb gave no stack for {name}")
    return [set(line.split(" ")) for line in output.read_text(encoding="utf-8").splitlines()]


def plain(name):
    """Without what demangling, versions and clones of a function add."""
    return re.sub(r"(@.*|\.abi0|\.(part|constprop|isra|cold)\.\d+)$", "", name)


def compare(folded, wanted):
    """The first folded line: each of its frames must be one of the names that gdb has. The number of frames, and whether they are."""
    wanted = [{plain(name) for name in names} for names in wanted]
    ours = folded.partition("\n")[0].rpartition(" ")[0].split(";")
    if len(ours) == len(wanted) and all(plain(name) in names for name, names in zip(ours, wanted)):
        return str(len(ours)), True
    for index in range(max(len(ours), len(wanted))):
        left = ours[index] if index < len(ours) else "-"
        right = " ".join(sorted(wanted[index])) if index < len(wanted) else "-"
        say(f"  {left} | {right}")
    return f"{len(ours)} frames, gdb has {len(wanted)}", False
