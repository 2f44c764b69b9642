"""What recording costs at a rate that the program keeps, and programs that never spawn."""

import os
import statistics

import benchmark_sessions
from measured_runs import spread

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
        if os.access(bench.program("spawn_latency_go"), os.X_OK):
            found.append((f"go_{rate}", [bench.program("spawn_latency_go"), str(rate), count], None))
        found.append((f"python_{rate}", [bench.options.python, bench.program("spawn_latency.py"), str(rate), count], None))
    return found


def rates(bench):
    def measure(tool):
        chosen = [rate for rate in RATES if rate == 100 or tool.key not in SLOW_AT_A_THOUSAND]
        return benchmark_sessions.try_session(bench, tool, [step for rate in chosen for step in steps_for(bench, tool, rate)])

    cells = {}
    for _, tool, result, (before, after) in benchmark_sessions.in_turns(bench, bench.usable(TOOLS), measure, bare_every=4):
        for name, step in result["steps"].items():
            bares = [beside["steps"][name] for beside in (before, after)]
            add(cells.setdefault(tool.key, {}).setdefault(name, {}), step, bares)
    return {"rows": [{"tool": key, "steps": {name: spreads(cell) for name, cell in cells[key].items()}} for key in bare_first(cells)]}


def bare_first(cells):
    """The tools' keys, in the order of a page's rows."""
    return sorted(cells, key=lambda key: key != "bare")


def add(cell, step, bares):
    values = {
        "cpu": (step["cpu_s"] + step["recorder_s"]) / statistics.mean(bare["cpu_s"] for bare in bares),
        "machine": step["machine_s"] / max(0.01, statistics.mean(bare["machine_s"] for bare in bares)),
        "p50": step["p50_us"] / statistics.mean(bare["p50_us"] for bare in bares),
        "p99": step["p99_us"] / statistics.mean(bare["p99_us"] for bare in bares),
        "late": step["late"] / step["made"],
        "p50_us": step["p50_us"],
        "p99_us": step["p99_us"],
    }
    for name, value in values.items():
        cell.setdefault(name, []).append(value)


def spreads(cell):
    return {name: spread(values) for name, values in cell.items()}


def without_spawns(bench):
    """A loop of system calls, and a server under load: what a recording costs those that it is not about."""
    steps = [
        ("calls", [bench.program("syscall_loop"), "calls", "1000"], None),
        ("server", [bench.program("syscall_loop"), "server", "15"], None),
    ]
    cells = {}
    tools = bench.usable(("counts", "stacks", "perf", "bpftrace", "execsnoop", "forkstat", "strace-seccomp"))

    def measure(tool):
        return benchmark_sessions.try_session(bench, tool, steps)

    for _, tool, result, (before, after) in benchmark_sessions.in_turns(bench, tools, measure):
        for name, step in result["steps"].items():
            bares = [beside["steps"][name] for beside in (before, after)]
            cell = cells.setdefault(tool.key, {}).setdefault(name, {"cpu": [], "wall": []})
            cell["cpu"].append((step["cpu_s"] + step["recorder_s"]) / statistics.mean(bare["cpu_s"] for bare in bares))
            cell["wall"].append(step["wall_s"] / statistics.mean(bare["wall_s"] for bare in bares))
    return {"rows": [{"tool": key, "steps": {name: spreads(cell) for name, cell in cells[key].items()}} for key in bare_first(cells)]}
