"""What recording costs programs that spawn: one loop with everything that a recorder does for it, and a row of programs."""

import os

from bench.benchmarks.loops import between_bare_runs
from bench.benchmarks.recorders.ratios import rows_of
from bench.rounds import beside_bare
from bench.tool_runs import try_session

LOOP_TOOLS = ("counts", "callsites", "callsites-raw", "stacks", "stacks-raw", "samples", "perf", "perf-g", "perf-dwarf")
THOUSAND_TOOLS = ("callsites", "callsites-raw", "stacks", "stacks-raw", "perf-g")
# Both read whole stacks, of a program without frame pointers.
WITHOUT_FRAME_POINTERS = ("stacks", "stacks-raw", "perf-dwarf")
FEW = "_few"
COUNT = 1500


def loop(bench):
    """The spawn loop alone, at full speed."""
    return one_loop(bench, LOOP_TOOLS, rate=0)


def thousand(bench):
    """The same at 1,000 spawns a second, for as long as it takes to tell 2% from noise."""
    return one_loop(bench, THOUSAND_TOOLS, rate=1000)


def one_loop(bench, keys, rate):
    # Where the scheduler puts each child moves the time of a run by a tenth; on one CPU it is a fiftieth. The recorder is free.
    cpus = sorted(os.sched_getaffinity(0))
    pinned = ["taskset", "-c", str(cpus[-1])] if len(cpus) > 1 else []

    def program_for(tool):
        return "spawn_latency_bare" if tool.key in WITHOUT_FRAME_POINTERS else "spawn_latency"

    def words_of(program):
        return [*pinned, bench.program(program), "-r", str(rate), str(COUNT)]

    rows = between_bare_runs(bench, bench.usable(keys), words_of, COUNT, program_for)
    return {"spawns": COUNT, "rate": rate, "rows": rows}


def loops(bench, few):
    """The steps that take a number of spawns: name, words, what comes before and is not measured. `few` is a fifth of it."""

    def count(number):
        return str(max(10, number // 5 if few else number))

    steps = [
        ("posix_spawn", [bench.program("spawn_latency"), count(250)], None),
        ("fork", [bench.program("spawn_latency"), "-m", "fork", count(200)], None),
        ("fork_1g", [bench.program("spawn_latency"), "-m", "fork", "-b", "1024", count(20)], None),
    ]
    if bench.has("spawn_latency_go"):
        steps.append(("go", [bench.program("spawn_latency_go"), "0", count(200)], None))
    steps.append(("python", [bench.python, bench.program("spawn_latency.py"), "0", count(100)], None))
    steps.append(("dash", ["dash", bench.program("spawn_loop.sh"), count(200)], None))
    return [(name + FEW if few else name, words, before) for name, words, before in steps]


def suites(bench):
    yield "make", [*bench.make, "-j2", *bench.make_targets], [*bench.make, "clean"]
    if bench.python_tests:
        yield "tests", [bench.python_tests, "-m", "unittest", "-q", "test.test_popen", "test.test_posix.TestPosixSpawn"], None


def steps_for(bench, tool):
    """Bare runs have both lengths, so that slow tools are held against their own."""
    chosen = loops(bench, few=tool.slow) + (loops(bench, few=True) if tool is bench.bare else [])
    return [step for step in [*chosen, *suites(bench)] if step[0].removesuffix(FEW) not in tool.cannot]


def matrix(bench):
    """Every program under every tool."""

    def measure(tool, _):
        return try_session(bench, tool, steps_for(bench, tool))

    def column(tool, name):
        # The row of bare is of the full length.
        return None if tool is bench.bare and name.endswith(FEW) else name.removesuffix(FEW)

    turns = beside_bare(bench.bare, bench.usable(), measure, bench.rounds, bare_every=6)
    names = [name for name, _, _ in [*loops(bench, few=False), *suites(bench)]]
    return {"programs": names, "rows": rows_of(turns, "programs", column)}
