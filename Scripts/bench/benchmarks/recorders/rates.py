"""What recording costs at a rate that the program keeps, and programs that never spawn."""

from bench.benchmarks.recorders.ratios import rows_of
from bench.rounds import beside_bare
from bench.tool_runs import try_session

RATES = (100, 1000)
# A second's spawns at 100 a second are too few to tell tools from each other.
LEAST_SPAWNS = 200
# A tool under which one spawn takes longer than the turn of 1/1000 s has no rate to keep: full speed says what it costs.
SLOW_AT_A_THOUSAND = ("perf-trace", "strace", "strace-seccomp", "ltrace")
TOOLS = ("callsites", "stacks", "perf-g", "perf-dwarf", "strace-seccomp", "bpftrace", "execsnoop", "forkstat")
OTHER_LANGUAGES = ("callsites", "stacks", "perf-g")


def steps_for(bench, tool, rate):
    count = str(rate)
    found = [(f"c_{rate}", [bench.program("spawn_latency"), "-r", str(rate), str(max(LEAST_SPAWNS, rate))], None)]
    if tool.key in ("bare", *OTHER_LANGUAGES) and rate == 100:
        if bench.has("spawn_latency_go"):
            found.append((f"go_{rate}", [bench.program("spawn_latency_go"), str(rate), count], None))
        found.append((f"python_{rate}", [bench.python, bench.program("spawn_latency.py"), str(rate), count], None))
    return found


def rates(bench):
    def measure(tool, _):
        chosen = [rate for rate in RATES if rate == 100 or tool.key not in SLOW_AT_A_THOUSAND]
        return try_session(bench, tool, [step for rate in chosen for step in steps_for(bench, tool, rate)])

    return {"rows": rows_of(beside_bare(bench.bare, bench.usable(TOOLS), measure, bench.rounds, bare_every=4))}


def without_spawns(bench):
    """A loop of system calls, and a server under load: what a recording costs those that it is not about."""
    steps = [
        ("calls", [bench.program("syscall_loop"), "calls", "1000"], None),
        ("server", [bench.program("syscall_loop"), "server", "15"], None),
    ]
    tools = bench.usable(("counts", "stacks", "perf", "bpftrace", "execsnoop", "forkstat", "strace-seccomp"))

    def measure(tool, _):
        return try_session(bench, tool, steps)

    return {"rows": rows_of(beside_bare(bench.bare, tools, measure, bench.rounds, bare_every=3))}
