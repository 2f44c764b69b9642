"""What recording costs programs that spawn: one loop with everything that a recorder does for it, and a row of programs."""

import os
import statistics

import benchmark_sessions
from measured_runs import spread

LOOP_TOOLS = ("counts", "callsites", "callsites-raw", "stacks", "stacks-raw", "samples", "perf", "perf-g", "perf-dwarf")
THOUSAND_TOOLS = ("callsites", "callsites-raw", "stacks", "stacks-raw", "perf-g")
# Both read whole stacks, of a program without frame pointers.
WITHOUT_FRAME_POINTERS = ("stacks", "stacks-raw", "perf-dwarf")
FEW = "_few"


def loop(bench):
    """The spawn loop alone, at full speed."""
    return between_bare_runs(bench, LOOP_TOOLS, 1500, rate=0)


def thousand(bench):
    """The same at 1,000 spawns a second, for as long as it takes to tell 2% from noise."""
    return between_bare_runs(bench, THOUSAND_TOOLS, 1500, rate=1000)


def between_bare_runs(bench, keys, count, rate):
    """Each tool between two bare runs, and the same tool around nothing, which is its fixed cost."""
    results, empty = {}, {}
    tools = bench.usable(keys)

    # Where the scheduler puts each child moves the time of a run by a tenth; on one CPU it is a fiftieth. The recorder is free.
    cpus = sorted(os.sched_getaffinity(0))
    pinned = ["taskset", "-c", str(cpus[-1])] if len(cpus) > 1 else []

    def run(tool, program):
        words = [*pinned, bench.program(program), "-r", str(rate), str(count)]
        return benchmark_sessions.try_session(bench, tool, [("loop", words, None)])

    run(bench.bare, "spawn_latency")
    for number in range(bench.rounds):
        turn, last = number % len(tools), {}
        for tool in [bench.bare, *tools[turn:], *tools[:turn]]:
            program = "spawn_latency_bare" if tool.key in WITHOUT_FRAME_POINTERS else "spawn_latency"
            # The bare run behind one tool is the one before the next, where that is of the same program.
            before = last[program] if program in last else run(bench.bare, program)
            runs = [before, run(tool, program), run(bench.bare, program)]
            last = {program: runs[-1]}
            if None not in runs:
                results.setdefault(tool.key, []).append(runs)
            if number < 3 and tool is not bench.bare:
                nothing = benchmark_sessions.try_session(bench, tool, [("nothing", ["true"], None)])
                if nothing:
                    empty.setdefault(tool.key, []).append(nothing["tool_cpu_s"])
        bench.say(f"round {number + 1} of {bench.rounds}")
    rows = [loop_row(tool, results[tool.key], statistics.median(empty.get(tool.key, [0])), count)
            for tool in [bench.bare, *tools] if tool.key in results]
    return {"spawns": count, "rate": rate, "rows": rows}


def loop_row(tool, runs, fixed, count):
    columns = {name: [] for name in ("workload", "with_recorder", "whole", "machine", "wall", "p50", "p99")}
    for before, own, after in runs:
        step = own["steps"]["loop"]
        beside = {key: (before["steps"]["loop"][key] + after["steps"]["loop"][key]) / 2
                  for key in ("cpu_s", "machine_s", "wall_s", "p50_us", "p99_us")}
        columns["workload"].append(step["cpu_s"] / beside["cpu_s"])
        columns["with_recorder"].append((step["cpu_s"] + step["recorder_s"]) / beside["cpu_s"])
        columns["whole"].append((step["cpu_s"] + max(0.0, own["tool_cpu_s"] - fixed)) / beside["cpu_s"])
        columns["machine"].append(step["machine_s"] / beside["machine_s"])
        columns["wall"].append(step["wall_s"] / beside["wall_s"])
        columns["p50"].append(step["p50_us"] / beside["p50_us"])
        columns["p99"].append(step["p99_us"] / beside["p99_us"])
    return {
        "tool": tool.key,
        **{name: spread(values) for name, values in columns.items()},
        "fixed_cpu_ms": fixed * 1e3,
        "recorder_us_per_spawn": statistics.median(max(0.0, own["tool_cpu_s"] - fixed) for _, own, _ in runs) / count * 1e6,
        "file_bytes_per_spawn": statistics.median(own["file_bytes"] for _, own, _ in runs) / count,
    }


def loops(bench, few):
    """The steps that take a number of spawns: name, words, what comes before and is not measured. `few` is a fifth of it."""
    def count(number):
        return str(max(10, number // 5 if few else number))

    steps = [
        ("posix_spawn", [bench.program("spawn_latency"), count(250)], None),
        ("fork", [bench.program("spawn_latency"), "-m", "fork", count(200)], None),
        ("fork_1g", [bench.program("spawn_latency"), "-m", "fork", "-b", "1024", count(20)], None),
    ]
    if os.access(bench.program("spawn_latency_go"), os.X_OK):
        steps.append(("go", [bench.program("spawn_latency_go"), "0", count(200)], None))
    steps.append(("python", [bench.options.python, bench.program("spawn_latency.py"), "0", count(100)], None))
    steps.append(("dash", ["dash", bench.program("spawn_loop.sh"), count(200)], None))
    return [(name + FEW if few else name, words, before) for name, words, before in steps]


def suites(bench):
    options = bench.options
    if options.make_directory:
        make = ["make", "-s", "-C", options.make_directory, *options.make_words]
        yield "make", [*make, "-j2", *options.make_targets], [*make, "clean"]
    if options.python_tests:
        yield "tests", [options.python_tests, "-m", "unittest", "-q", "test.test_popen", "test.test_posix.TestPosixSpawn"], None


def steps_for(bench, tool):
    """Bare runs have both lengths, so that slow tools are held against their own."""
    chosen = loops(bench, few=tool.slow) + (loops(bench, few=True) if tool is bench.bare else [])
    return [step for step in [*chosen, *suites(bench)] if step[0].removesuffix(FEW) not in tool.cannot]


def matrix(bench):
    """Every program under every tool."""
    columns = {}

    def measure(tool):
        return benchmark_sessions.try_session(bench, tool, steps_for(bench, tool))

    for _, tool, result, (before, after) in benchmark_sessions.in_turns(bench, bench.usable(), measure, bare_every=6):
        for name, step in result["steps"].items():
            if tool is bench.bare and name.endswith(FEW):
                continue  # its row is of the full length
            bares = [beside["steps"][name] for beside in (before, after)]
            cells = columns.setdefault(tool.key, {}).setdefault(name.removesuffix(FEW), {"cpu": [], "machine": [], "wall": [], "p99": []})
            cells["cpu"].append((step["cpu_s"] + step["recorder_s"]) / statistics.mean(bare["cpu_s"] for bare in bares))
            cells["machine"].append(step["machine_s"] / max(0.01, statistics.mean(bare["machine_s"] for bare in bares)))
            cells["wall"].append(step["wall_s"] / statistics.mean(bare["wall_s"] for bare in bares))
            if "p99_us" in step:
                cells["p99"].append(step["p99_us"] / statistics.mean(bare["p99_us"] for bare in bares))
    rows = [
        {"tool": key, "programs": {name: {kind: spread(values) for kind, values in cells.items()} for name, cells in own.items()}}
        for key, own in sorted(columns.items(), key=lambda column: column[0] != "bare")
    ]
    return {"programs": [name for name, _, _ in [*loops(bench, few=False), *suites(bench)]], "rows": rows}
