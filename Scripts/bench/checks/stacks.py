"""Call-site stacks reach their outermost frame, beside perf with frame pointers and with DWARF on the same workloads; and no frame is wrong,
on a program of which every call path is known. At least 99.9% of a workload's must.
"""

import os
import re

from bench import processes
from bench.checks import paths
from bench.checks.stack_counts import count_folded, count_perf, entry_point
from bench.failure import Failure
from bench.figures import share_text
from bench.page import Table, compose, write_page
from bench.processes import first_line, output_of, say
from bench.workbench import workbench

METHODS = ("posix_spawn", "fork", "vfork", "clone3", "system", "popen")
NOT_THREAD = "!(clone_flags & 65536)"

INTRODUCTION = """
Spawns whose call-site stack ends at the program's entry, at the start of its thread or at Go's goexit, of all spawns: by
Spawnscope, and by `perf record --call-graph fp` and `dwarf` with the same tracepoint (`task:task_newtask`) on the same workload,
16 KiB of stack in both (*joined* takes what is in use of 64 KiB). *Of them truncated*: the stacks that Spawnscope itself marks so. perf's stacks are taken as they are, right or
wrong in between.
"""


def add_options(parser):
    parser.number("--count", 300, "spawns of each workload, even")
    parser.number("--paths", 100, "spawns along each of the hundred known paths")
    parser.recorders(also=("traced",))
    parser.output("Results/stacks.md")


def check_workloads(bench, options, table):
    """How many workloads stay below 99.9%."""
    bad = 0
    for name, programs, words in workloads(bench, options.count):
        ours = []
        for _ in bench.by_each(options.recorders):
            recording = bench.record(*words, must=True)
            done = processes.run([bench.spawnscope, "fold", "--frames", "callsite", recording.session])
            folded = done.stdout.splitlines()
            reached, total = count_folded(folded, programs)
            if not total or reached < 0.999 * total:
                bad += 1
                say("\n".join(folded[:3]) + "\n" + done.stderr)
            # What says of itself that it is whole must end where a program or a thread starts, by the names.
            truncated = sum(int(line.rpartition(" ")[2]) for line in folded if re.match(r"\[truncated\][; ]", line))
            ours += [share_text(reached, total), truncated]
        by_perf = [perf_share(bench, graph, programs, words) for graph in ("fp", "dwarf,16384")]
        table.add(name, *ours, *by_perf)
    return bad


def workloads(bench, count):
    """Names, the files that the spawners execute, as perf names them (with the outermost function's address where it is not their entry),
    and commands."""

    def of(name, program, *words):
        return name, {program: None}, [*(words or [program]), count]

    for method in METHODS:
        program = bench.program("spawn_loop_bare")
        yield of(f"C -O2, {method}", program, program, "-m", method)
    yield of("C++, threads", bench.program("spawn_threads_bare"))
    if bench.has("spawn_loop_rust"):
        yield of("Rust", bench.program("spawn_loop_rust"))
    yield of("Swift", bench.program("spawn_loop_swift"))
    go, stripped = bench.program("spawn_loop_go"), bench.program("spawn_loop_go_stripped")
    yield of("Go", go)
    # Without symbols, but with the code where its twin has it.
    goexit = re.search(r"^([0-9a-f]+) \S runtime\.goexit(?:\.abi0)?$", output_of(["nm", go]), re.MULTILINE)
    yield "Go, stripped", {stripped: int(goexit[1], 16)}, [stripped, count]
    yield of("dash", "/usr/bin/dash", "dash", bench.program("spawn_loop.sh"))
    yield of("bash", "/usr/bin/bash", "bash", bench.program("spawn_loop.sh"))
    yield of("CPython of Debian", os.path.realpath("/usr/bin/python3"), "/usr/bin/python3", bench.program("spawn_loop.py"))
    yield of("perl", "/usr/bin/perl", "/usr/bin/perl", bench.program("spawn_loop.pl"))
    yield "make -j2, sh", {"/usr/bin/make": None, "/usr/bin/dash": None}, ["dash", bench.program("make_loop.sh"), count]


def perf_share(bench, graph, programs, words):
    data = bench.scratch / "perf.data"
    data.unlink(missing_ok=True)
    options = ["-e", "task:task_newtask", "--filter", NOT_THREAD, "--call-graph", graph, "-m", "16M", "-o", data]
    processes.run(["perf", "record", "-q", *options, "--", *words])
    script = processes.run(["perf", "script", "-i", data, "--no-inline", "-F", "ip,sym,dso"])
    entries = {program: entry_point(program, address) for program, address in programs.items()}
    return share_text(*count_perf(script.stdout.splitlines(), entries))


def known_paths(bench, count):
    recording = bench.record(bench.program("hundred_paths"), count, must=True)
    verdict, problems = paths.compare(bench.ask("fold", "--frames", "callsite", recording.session).splitlines(), count)
    say("\n".join([*problems[:20], verdict]))
    return verdict, bool(problems)


def check(bench, options):
    ours = (title for recorder in options.recorders for title in (recorder, "of them truncated"))
    table = Table("workload", *ours, "perf, frame pointers", "perf, DWARF")
    bad = check_workloads(bench, options, table)
    verdicts, wrong_ones = [], 0
    for recorder in bench.by_each(options.recorders):
        verdict, is_wrong = known_paths(bench, options.paths)
        verdicts.append(f"- *{recorder}*: {verdict}")
        wrong_ones += is_wrong
    wrong = "\n".join(["## Wrong frames\n\nOn `hundred_paths`, whose every call path is known:\n", *verdicts])
    beside = [first_line(["perf", "--version"])]
    title = "Call sites that reach their outermost frame"
    write_page(options.output, compose(title, INTRODUCTION, options, table, wrong, beside=beside))
    return bad + wrong_ones


def run(options):
    with workbench("record", "fold") as bench:
        bad = check(bench, options)
    if bad:
        raise Failure(f"{bad} checks failed")
