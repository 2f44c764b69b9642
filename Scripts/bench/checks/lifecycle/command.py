"""The report's account of every spawn beside strace's: for each case of creating, executing, ending and reaping, and for Python, Go, shells
and make. Each program is recorded, and run again under strace. Totals, failed attempts by path and errno, and each spawn's method, outcome,
path, status, signal and flags must be equal, with nothing lost. Then each is run under a strace that is itself recorded, and so are Java,
Node, git, dpkg, nginx, PostgreSQL, bubblewrap, 32-bit programs and denied calls: both saw the same processes, and every field of each is
compared. By the recorder traced, which lets no strace in, each is recorded and run again alone, and what it cannot tell must be absent.
"""

import os

from bench.checks.lifecycle import page
from bench.checks.lifecycle.comparison import BY_PTRACE, Comparison
from bench.checks.lifecycle.foreign import check_programs
from bench.failure import USAGE, Failure
from bench.page import write_page
from bench.processes import output_of
from bench.workbench import workbench

C_PROGRAMS = ("creations", "executions", "endings", "waits")


def add_options(parser):
    parser.number("--rounds", 3, "how often each workload is run, in a row")
    parser.number("--count", 2, "how often a case is run in each of these")
    parser.text("--only", "only the workloads whose name contains TEXT", default="")
    parser.recorders(also=(BY_PTRACE,))
    parser.output("Results/lifecycle.md")
    parser.flag("--strace-only", "leave spawnscope out: compares the program's own count with strace's")
    parser.flag("--same-only", "only the runs under a strace that is recorded")


def run(options):
    commands = () if options.strace_only else ("record", "report")
    with workbench(*commands, program=not options.strace_only) as bench:
        comparisons = []
        for recorder in bench.by_each(["-"] if options.strace_only else options.recorders):
            comparison = Comparison(bench, options, recorder)
            comparisons.append(comparison)
            check_workloads(bench, comparison, options.count)
            if not options.strace_only and recorder != BY_PTRACE:
                check_programs(bench, comparison)
            if not comparison.runs + comparison.same_runs:
                raise Failure(f"no workload's name contains {options.only}", USAGE)
        write_page(options.output, page.text(comparisons, options))
    different = sum(each.two_runs.different + each.same.different for each in comparisons)
    if different:
        raise Failure(f"{different} of {sum(each.runs + each.same_runs for each in comparisons)} runs differ")


def check_workloads(bench, comparison, count):
    os.environ["SPAWNSCOPE_CGROUP"] = cgroup = cgroup_tree()
    for program in C_PROGRAMS:
        for mode in modes([bench.program(program)]):
            if mode == "clone3-cgroup" and not (cgroup and os.access(cgroup, os.W_OK)):
                comparison.leave_out("CLONE_INTO_CGROUP, since no cgroup can be made here")
                continue
            comparison.check(f"C, {program}: {mode}", [bench.program(program), mode, count])
    python = [bench.python, bench.program("lifecycles.py")]
    for mode in modes(python):
        comparison.check(f"Python: {mode}", [*python, mode, count])
    for shell in ("dash", "bash"):
        words = [shell, bench.program("lifecycles.sh")]
        for mode in modes(words):
            comparison.check(f"{shell}: {mode}", [*words, mode, count])
    comparison.check("make -j4", ["make", "-s", "-j4", "-f", bench.program("lifecycles.mk")])
    if bench.has("spawn_loop_go"):
        comparison.check("Go, os/exec", [bench.program("spawn_loop_go"), count * 10])


def modes(words):
    return output_of([*words, "--modes"]).split()


def cgroup_tree():
    """Where a cgroup v2 tree is mounted; nothing where none is."""
    with open("/proc/mounts", encoding="utf-8") as mounts:
        fields = (line.split() for line in mounts)
        return next((field[1] for field in fields if field[2] == "cgroup2"), "")
