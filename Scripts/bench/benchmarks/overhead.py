"""What recording costs the recorded program: spawn loops bare and under each tool, in interleaved rounds; CPU and wall time as ratios to the
bare runs beside each. Takes about two minutes a workload; nothing else should run.
"""

import json
import pathlib

from bench.benchmarks.loops import between_bare_runs
from bench.figures import spread_text
from bench.machine import ROOT, machine_line, revision_line
from bench.page import compose, table, write_page
from bench.tool_runs import ToolBench
from bench.tools import tools
from bench.workbench import workbench

# What is left out is the tools that run beside a command, and those that are given fewer spawns for being slow.
USUAL = ("stacks-raw", "perf-g", "strace")
WORKLOADS = ("c", "go", "dash", "python")
HEAD = ["", "rounds", "CPU, ratio to bare", "with the tool", "wall, ratio to bare", "tool's own CPU, µs a spawn", "file, bytes a spawn"]


def add_options(parser):
    known = [tool.key for tool in tools("spawnscope") if tool.key != "bare"]
    parser.number("--rounds", 40, "rounds for each workload")
    parser.number("--slow-rounds", 3, "the rounds that slow tools take part in, whose ratio is large: strace and its like")
    parser.number("--count", 1000, "spawns of one run")
    parser.names("--workloads", WORKLOADS, "the loops (default c,go,dash)", WORKLOADS[:3])
    parser.names("--tools", known, f"(default {','.join(USUAL)})", USUAL)
    parser.text("--output", "writes NAME.md and NAME.json (default Results/overhead)", str(ROOT / "Results/overhead"), "NAME")
    parser.add_argument("record_options", metavar="RECORD-OPTION", nargs="*", help="after --: further options for `spawnscope record`")


def introduction(count):
    return (
        f"{count} spawns of `/bin/true` a run. Ratios are to the mean of the two bare runs beside each run: median "
        "(quartiles) of the rounds. CPU is user and system time of the workload and its children, and with the tool also the "
        "tool's own, its start and end included; wall is the workload's alone. The control row is bare beside bare: what differs less than it does is noise."
    )


def run(options):
    with workbench("record") as plain:
        bench = ToolBench(plain, tools(plain.spawnscope), options.rounds)
        for tool in bench.tools:
            if "spawnscope" in tool.tags:
                tool.words[-1:] = [*options.record_options, "--"]
        chosen, results = bench.usable(options.tools), {}
        for name in options.workloads:
            words = [*workload(bench, name), str(options.count)]
            results[name] = between_bare_runs(
                bench,
                chosen,
                lambda _, words=words: words,
                options.count,
                with_fixed=False,
                takes_part=lambda tool, number: not tool.slow or number < options.slow_rounds,
            )
        sections = [f"## {name}\n\n{table(HEAD, [row_of(bench, row) for row in rows])}" for name, rows in results.items()]
    output = pathlib.Path(options.output)
    text = compose("Overhead on spawn loops", introduction(options.count), options, *sections)
    write_page(str(output.with_suffix(".md")), text, prints=True)
    document = {"machine": machine_line(), "revision": revision_line(), "spawns": options.count, "workloads": results}
    output.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def workload(bench, name):
    return {
        "c": [bench.program("spawn_loop")],
        "go": [bench.program("spawn_loop_go")],
        "dash": ["dash", bench.program("spawn_loop.sh")],
        "python": [bench.python, bench.program("spawn_loop.py")],
    }[name]


def row_of(bench, row):
    title = next(tool.title for tool in bench.tools if tool.key == row["tool"])
    return [
        "bare (control)" if row["tool"] == "bare" else title,
        row["rounds"],
        *(spread_text(row[column]) for column in ("workload", "whole", "wall")),
        f"{row['recorder_us_per_spawn']:.0f}",
        f"{row['file_bytes_per_spawn']:.0f}",
    ]
