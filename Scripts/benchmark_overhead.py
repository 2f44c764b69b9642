#!/usr/bin/env python3
"""The measuring half of benchmark-overhead.sh, which says how to call it.

Every run of a tool stands between two bare runs of the same workload; its ratio is to their mean. The workload is
started by `measure`, inside the tool, so that the tool's own start and end are not counted.
"""

import argparse
import datetime
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys

import benchmark_sessions
from benchmark_tools import PERF_EVENTS

TOOLS = ("bare", "spawnscope", "chains", "link", "perf", "perf-dwarf", "strace")
USUAL_TOOLS = ("bare", "spawnscope", "perf", "strace")
TITLES = {
    "bare": "bare (control)",
    "spawnscope": "`spawnscope record`",
    "chains": "`spawnscope record --stack-size 0`",
    "link": "`spawnscope record --link`",
    "perf": "`perf record -a -g`, 14 tracepoints",
    "perf-dwarf": "`perf record -a --call-graph dwarf`, the same",
    "strace": "`strace -f`",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--strace-rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--workloads", default="c,go,dash")
    parser.add_argument("--tools", default=",".join(USUAL_TOOLS))
    parser.add_argument("--output", required=True)
    for name in ("--spawnscope", "--directory", "--scratch", "--machine", "--revision"):
        parser.add_argument(name, required=True)
    parser.add_argument("record_options", nargs="*", metavar="RECORD-OPTION")
    options = parser.parse_args()
    options.tools = options.tools.split(",")
    options.workloads = options.workloads.split(",")
    unknown = set(options.tools) - set(TOOLS) | set(options.workloads) - {"c", "go", "dash", "python"}
    if unknown or options.rounds < 1 or options.count < 1:
        parser.error(f"unknown: {', '.join(sorted(unknown))}" if unknown else "--rounds and --count start at 1")
    return options


def workload(name, options):
    directory, count = options.directory, str(options.count)
    return {
        "c": [f"{directory}/spawn_loop", count],
        "go": [f"{directory}/spawn_loop_go", count],
        "dash": ["dash", f"{directory}/spawn_loop.sh", count],
        "python": [sys.executable, f"{directory}/spawn_loop.py", count],
    }[name]


def command(tool, measured, options):
    session = f"{options.scratch}/{tool}.data"
    # What packing costs when it is over is another page: Scripts/benchmark-pack.sh.
    record = [options.spawnscope, "record", "--no-pack", "-o", session, *options.record_options]
    perf = ["perf", "record", "-q", "-N", "-a", "-e", PERF_EVENTS, "-o", session]
    return {
        "bare": measured,
        "spawnscope": [*record, "--", *measured],
        "chains": [*record, "--stack-size", "0", "--", *measured],
        "link": [*record, "--link", "--", *measured],
        "perf": [*perf, "-g", "--", *measured],
        "perf-dwarf": [*perf, "--call-graph", "dwarf,16384", "-m", "16M", "--", *measured],
        "strace": ["strace", "-f", "-qq", "-o", "/dev/null", "--", *measured],
    }[tool]


def run_once(tool, name, options):
    """One run: seconds of wall and of CPU time of the workload, and of the tool's own CPU time."""
    result = pathlib.Path(options.scratch, "measured.json")
    errors = pathlib.Path(options.scratch, "errors")
    result.unlink(missing_ok=True)
    for session in pathlib.Path(options.scratch).glob("*.data*"):
        session.unlink()
    measured = [f"{options.directory}/measure", str(result), *workload(name, options)]
    full = command(tool, measured, options)
    with errors.open("wb") as stream:
        process = subprocess.Popen(full, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stream)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if tool in ("spawnscope", "chains", "link"):
        benchmark_sessions.wait_until_gone(options.spawnscope)
    if process.returncode != 0 or not result.exists():
        text = errors.read_text(errors="replace")
        raise SystemExit(f"status {process.returncode} of: {shlex.join(full)}\n{text}")
    record = json.loads(result.read_text())
    cpu = record["user_s"] + record["system_s"]
    session = pathlib.Path(options.scratch, f"{tool}.data")
    return {
        "wall_s": record["wall_s"],
        "cpu_s": cpu,
        "tool_cpu_s": max(0.0, usage.ru_utime + usage.ru_stime - cpu),
        "file_bytes": session.stat().st_size if session.exists() else 0,
        "message": errors.read_text(errors="replace").strip(),
    }


def measure_workload(name, options):
    runs = []
    run_once("bare", name, options)  # warms the caches; not counted
    for number in range(options.rounds):
        tools = [tool for tool in options.tools if tool != "strace" or number < options.strace_rounds]
        turn = number % len(tools)
        before = run_once("bare", name, options)
        for tool in tools[turn:] + tools[:turn]:
            run = run_once(tool, name, options)
            after = run_once("bare", name, options)
            beside = {key: (before[key] + after[key]) / 2 for key in ("wall_s", "cpu_s")}
            runs.append({"round": number, "tool": tool, **run, "bare_wall_s": beside["wall_s"], "bare_cpu_s": beside["cpu_s"]})
            before = after
        print(f"{name}: round {number + 1} of {options.rounds}", file=sys.stderr)
    return runs


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def summarise(runs, options):
    rows = []
    for tool in TOOLS:
        own = [run for run in runs if run["tool"] == tool]
        if own:
            cpu = quartiles([run["cpu_s"] / run["bare_cpu_s"] for run in own])
            whole = quartiles([(run["cpu_s"] + run["tool_cpu_s"]) / run["bare_cpu_s"] for run in own])
            wall = quartiles([run["wall_s"] / run["bare_wall_s"] for run in own])
            rows.append(
                {
                    "tool": tool,
                    "rounds": len(own),
                    "cpu_ratio": {"p25": cpu[0], "median": cpu[1], "p75": cpu[2]},
                    "whole_cpu_ratio": {"p25": whole[0], "median": whole[1], "p75": whole[2]},
                    "wall_ratio": {"p25": wall[0], "median": wall[1], "p75": wall[2]},
                    "tool_cpu_us_per_spawn": statistics.median(run["tool_cpu_s"] for run in own) / options.count * 1e6,
                    "file_bytes_per_spawn": statistics.median(run["file_bytes"] for run in own) / options.count,
                }
            )
    return rows


def range_text(ratio):
    return f"{ratio['median']:.2f} ({ratio['p25']:.2f}–{ratio['p75']:.2f})"


def page(results, options):
    shown = [*sys.argv[1:]]
    for name in ("--spawnscope", "--directory", "--scratch", "--machine", "--revision"):
        at = shown.index(name)
        del shown[at : at + 2]
    at = shown.index("--output")
    del shown[at : at + 2]  # the script's default; a later --output stays
    lines = [
        "# Overhead on spawn loops",
        "",
        f"{options.count} spawns of `/bin/true` a run. Ratios are to the mean of the two bare runs beside each run: median "
        "(quartiles) of the rounds. CPU is user and system time of the workload and its children, and with the tool also the "
        "tool's own, its start and end included; wall is the workload's alone. The control row is bare beside bare: what differs less than it does is noise.",
        "",
        f"    {shlex.join(['Scripts/benchmark-overhead.sh', *shown])}",
        "",
        f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}, {options.revision}, {options.machine}",
    ]
    for name, result in results.items():
        lines += [
            "",
            f"## {name}",
            "",
            "| | rounds | CPU, ratio to bare | with the tool | wall, ratio to bare | tool's own CPU, µs a spawn | file, bytes a spawn |",
            "|---|---|---|---|---|---|---|",
        ]
        for row in result["summary"]:
            lines.append(
                f"| {TITLES[row['tool']]} | {row['rounds']} | {range_text(row['cpu_ratio'])} "
                f"| {range_text(row['whole_cpu_ratio'])} | {range_text(row['wall_ratio'])} "
                f"| {row['tool_cpu_us_per_spawn']:.0f} | {row['file_bytes_per_spawn']:.0f} |"
            )
    return "\n".join(lines) + "\n"


def main():
    options = arguments()
    results = {}
    for name in options.workloads:
        runs = measure_workload(name, options)
        results[name] = {"summary": summarise(runs, options), "runs": runs}
    text = page(results, options)
    output = pathlib.Path(options.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": options.machine, "revision": options.revision, "spawns": options.count, "workloads": results}
    output.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")
    output.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
