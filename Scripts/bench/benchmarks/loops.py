"""What recording costs a loop that spawns: each tool between two bare runs of the same program, and the same tool around nothing, which is
its fixed cost.
"""

import statistics

from bench.figures import spread
from bench.rounds import beside_bare, interleaved
from bench.tool_runs import try_session


def between_bare_runs(bench, tools, words_of, count, variant=lambda tool: None, with_fixed=True, takes_part=lambda tool, number: True):
    """A row for bare, which is beside bare as the others are, and for each tool. `words_of` gives the loop of a variant of the program, which
    spawns `count` times. Without `with_fixed` what a tool takes around nothing is not told apart."""
    fixed = interleaved(tools, lambda tool, _: around_nothing(bench, tool), min(3, bench.rounds)) if with_fixed else {}

    def run(tool, kind):
        return try_session(bench, tool, [("loop", words_of(kind), None)])

    results = {}
    for _, tool, result, sides in beside_bare(bench.bare, [bench.bare, *tools], run, bench.rounds, 1, variant, takes_part):
        results.setdefault(tool, []).append((result, sides))
    return [loop_row(tool, results[tool], fixed_cost(fixed.get(tool)), count) for tool in [bench.bare, *tools] if tool in results]


def around_nothing(bench, tool):
    nothing = try_session(bench, tool, [("nothing", ["true"], None)])
    return nothing and nothing["tool_cpu_s"]


def fixed_cost(values):
    known = [value for value in values or [] if value is not None]
    return statistics.median(known) if known else 0.0


def ratios(step, recorder, bares):
    """Each column of one run: its name, and the run's time as a ratio to the mean of the bare ones."""

    def bare(key):
        return statistics.mean(run[key] for run in bares)

    yield "workload", step["cpu_s"] / bare("cpu_s")
    yield "with_recorder", (step["cpu_s"] + step["recorder_s"]) / bare("cpu_s")
    yield "whole", (step["cpu_s"] + recorder) / bare("cpu_s")
    yield "machine", step["machine_s"] / max(0.01, bare("machine_s"))
    yield "wall", step["wall_s"] / bare("wall_s")
    for name in ("p50", "p99"):
        if f"{name}_us" in step:
            yield name, step[f"{name}_us"] / bare(f"{name}_us")


def loop_row(tool, runs, fixed, count):
    columns = {}
    for own, sides in runs:
        recorder = max(0.0, own["tool_cpu_s"] - fixed)
        bares = [side["steps"]["loop"] for side in sides]
        for name, value in ratios(own["steps"]["loop"], recorder, bares):
            columns.setdefault(name, []).append(value)
    return {
        "tool": tool.key,
        "rounds": len(runs),
        **{name: spread(values) for name, values in columns.items()},
        "fixed_cpu_ms": fixed * 1e3,
        "recorder_us_per_spawn": statistics.median(max(0.0, own["tool_cpu_s"] - fixed) for own, _ in runs) / count * 1e6,
        "file_bytes_per_spawn": statistics.median(own["file_bytes"] for own, _ in runs) / count,
    }
