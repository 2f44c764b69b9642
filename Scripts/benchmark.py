#!/usr/bin/env python3
"""The measuring half of benchmark.sh, which says how to call it."""

import argparse
import json
import os
import pathlib
import platform
import sys
import time

import benchmark_analysis
import benchmark_goals
import benchmark_loss
import benchmark_order
import benchmark_page
import benchmark_quick
import benchmark_rates
import benchmark_sessions
import benchmark_spawns
import benchmark_start
import benchmark_tools
import benchmark_where

SECTIONS = {
    "loop": benchmark_spawns.loop,
    "thousand": benchmark_spawns.thousand,
    "programs": benchmark_spawns.matrix,
    "rates": benchmark_rates.rates,
    "quiet": benchmark_rates.without_spawns,
    "loss": benchmark_loss.loss,
    "analysis": benchmark_analysis.analysis,
    "start": benchmark_start.start,
    "instructions": benchmark_start.instructions,
    "where": benchmark_where.where,
}


def numbers(text):
    return [int(word) for word in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=("quick", "full"))
    for name in ("spawnscope", "workloads", "scratch", "python", "machine", "revision", "output", "fixture", "command"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--make-directory", default="")
    parser.add_argument("--make-name", default="")
    parser.add_argument("--make-words", default="", type=str.split)
    parser.add_argument("--make-targets", default="", type=str.split)
    parser.add_argument("--python-tests", default="")
    parser.add_argument("--stackcollapse", default="")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--loss-seconds", type=int, default=0)
    parser.add_argument("--sizes", type=numbers, default=[10, 100, 1000])
    parser.add_argument("--beside", default="")
    parser.add_argument("--into", default="")
    parser.add_argument("--sections", default=",".join(SECTIONS))
    options = parser.parse_args()
    options.sections = options.sections.split(",")
    options.quick = options.mode == "quick"
    return options


def document_of(options, bench):
    """What is known before anything is measured: of this run, or all of the run into which sections are put."""
    if options.into:
        document = json.loads(pathlib.Path(options.into).read_text())
        if document["machine"] != options.machine:
            sys.exit(f"benchmark: {options.into} was measured on another machine: {document['machine']}")
        document.pop("order", None)  # it was of what is measured again, too
        return document
    return {
        "schema": "spawnscope.benchmark/1",
        "machine": options.machine,
        "kernel": platform.release(),
        "revision": options.revision,
        "date": today(),
        "command": options.command,
        "rounds": options.rounds,
        "versions": benchmark_tools.versions(),
        "titles": {tool.key: tool.title for tool in bench.tools},
        "make": options.make_name,
        "sections": {},
    }


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def main():
    options = arguments()
    bench = benchmark_sessions.Bench(options, benchmark_tools.tools(options.spawnscope))
    if options.quick:
        return benchmark_quick.check(bench)
    output = pathlib.Path(options.output)
    json_file, page_file = output.with_suffix(".json"), output.with_suffix(".md")
    document = document_of(options, bench)
    for name in options.sections:
        started = time.monotonic()
        bench.say(f"section {name}")
        bench.remarks = {}
        document["sections"][name] = SECTIONS[name](bench)
        document["sections"][name]["remarks"] = bench.remarks
        document["sections"][name]["took_s"] = round(time.monotonic() - started, 1)
        if options.into:
            document["sections"][name]["run"] = {"command": options.command, "date": today(), "revision": options.revision}
    if options.beside:
        document["order"] = benchmark_order.compare(document, json.loads(pathlib.Path(options.beside).read_text()))
    document["goals"] = benchmark_goals.goals(document)
    output.parent.mkdir(parents=True, exist_ok=True)
    json_file.write_text(json.dumps(document, indent=1) + "\n")
    page_file.write_text(benchmark_page.page(document))
    print(benchmark_page.goals_table(document))
    bench.say(f"written: {os.path.relpath(page_file)}, {os.path.relpath(json_file)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
