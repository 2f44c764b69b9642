"""compare raises no false alarms and finds changes: a spawn loop against itself on a machine that another load keeps busy, and, without that
load, against ones whose overhead is larger by 10% and 30%; beside it what a bare threshold, hyperfine's summary and benchstat's test say of
the same runs. What was measured is kept, so that it can be interrupted and goes on.
"""

import json
import math
import pathlib
import random
import statistics
import time

from bench.checks.compare_runs import BY_TIMES, KINDS, Loops, busy
from bench.checks.other_rules import rules
from bench.failure import Failure
from bench.machine import ROOT
from bench.page import compose, table, write_page
from bench.processes import say
from bench.workbench import workbench

INTRODUCTION = """
Each comparison is `compare --runs` of a spawn loop that searches `true` along PATH with itself, or with one whose spawns cost more: by a larger
environment, by directories of PATH that do not have the program, or by shells in between. With itself it is compared while another load starts and stops at
random, with the larger environment on a machine that is idle otherwise.
*Noise*: the standard deviation of the runs' overhead, a part of their mean, the median of the sides. Where only times tell there are more runs: with a
noise of 10%, 10 runs cannot tell 10% from nothing.
*Worse*: exit status 1. *By times alone*: the same with `--gate none --gate overhead --gate duration`, since misses and shells change counts,
which are compared exactly. The others are given the same runs, their duration and the median of their overhead: *bare 5%*, the means differ by more;
*hyperfine*, the ratio of the means less its ± is above 1, by the formula of its summary; *benchstat's test*, Mann and Whitney's U with p < 0.05
and the median above, computed here since golang.org/x/perf is in no Debian package and not on PyPI.
"""
PERCENTAGES = (10, 30)
HEAD = (
    "head",
    "comparisons",
    "runs a side, at most",
    "noise of a run",
    "worse",
    "by times alone",
    "cannot tell",
    "bare 5%, duration",
    "overhead",
    "hyperfine, duration",
    "overhead",
    "benchstat's test, duration",
    "overhead",
)
UNITS = {"environment": "bytes more", "misses": "directories more", "shell": "% of the spawns by a shell"}


def add_options(parser):
    parser.number("--same", 50, "comparisons of the loop with itself", least=0)
    parser.number("--slower", 30, "comparisons with each of +10%% and +30%%", least=0)
    parser.number("--runs", 10, "runs a side of each comparison", least=2)
    parser.number("--time-runs", 80, "runs a side where only times tell, and not counts", least=2)
    parser.number("--count", 300, "spawns of each run")
    parser.names("--kinds", KINDS, "what makes it slower (default all)")
    parser.number("--seconds", 1 << 30, "begin no comparison after this time; run it again to go on")
    data = str(ROOT / ".build/check-compare.jsonl")
    parser.text("--data", "what was measured so far (default .build/check-compare.jsonl; remove it to begin anew)", data, "FILE")
    parser.output("Results/compare.md")


def run(options):
    data = pathlib.Path(options.data)
    data.parent.mkdir(parents=True, exist_ok=True)
    with workbench("record", "compare") as bench:
        measure(Loops(bench, options.count), data, options)
    rows, remark, is_bad = judge(read(data))
    write_page(options.output, compose("compare on real runs", INTRODUCTION, options, table(HEAD, rows, range(1, len(HEAD))), remark))
    if is_bad:
        raise Failure("false alarms, or changes that were not found: see the table")


def read(data):
    return [json.loads(line) for line in data.read_text().splitlines()] if data.exists() else []


def plan(options):
    """The comparisons by name: first those that noise disturbs most, the others mixed, so that what is interrupted has some of each."""
    names = [("same", None, 0, number) for number in range(options.same)]
    for percent in PERCENTAGES:
        rounds = range(math.ceil(options.slower / len(KINDS)))
        names += [(kind, kind, percent, number) for number in rounds for kind in KINDS][: options.slower]
    random.Random(1).shuffle(names)
    return sorted(names, key=lambda name: (name[1] not in BY_TIMES, name[2] if name[1] in BY_TIMES else 0))


def sizes_of(lines):
    return {(line["kind"], line["percent"]): line["size"] for line in lines if "size" in line}


def measure(loops, data, options):
    """Adds a line of JSON for each comparison, and goes on where an earlier run ended."""
    lines = read(data)
    sizes = sizes_of(lines)
    done = {(line["kind"], line["percent"], line["number"]) for line in lines if "status" in line}
    end = time.monotonic() + options.seconds
    with data.open("a") as stream:

        def write(line):
            print(json.dumps(line), file=stream, flush=True)

        for kind in options.kinds:
            for percent in PERCENTAGES:
                if options.slower > 0 and (kind, percent) not in sizes:
                    sizes[kind, percent] = loops.size(kind, percent)
                    write({"kind": kind, "percent": percent, "size": sizes[kind, percent]})
        for name, kind, percent, number in plan(options):
            if (name, percent, number) in done or (kind and kind not in options.kinds):
                continue
            if time.monotonic() > end:
                say("out of time: run it again to go on")
                break
            size = sizes[kind, percent] if kind else 0
            base = loops.script("base", kind, size, costs=False)
            head = loops.script("head", kind, size)
            runs = options.time_runs if kind in BY_TIMES else options.runs
            with busy(name == "same"):
                result = loops.compare(base, head, runs)
            write({"kind": name, "percent": percent, "number": number, "runs": runs, **result})
            say(f"{name} {percent}% #{number}: {result['status']} {result['worse']}")


def judge(lines):
    """The rows, what is said below them, and whether there are false alarms or changes that were not found."""
    results, sizes = [line for line in lines if "status" in line], sizes_of(lines)
    rows, is_bad = [], False
    for kind, percent in [("same", 0)] + [(kind, percent) for percent in PERCENTAGES for kind in KINDS]:
        group = [line for line in results if line["kind"] == kind and line["percent"] == percent]
        if not group:
            continue
        name = "the same" if kind == "same" else f"+{percent}%, {sizes[kind, percent]} {UNITS[kind]}"
        rows.append([name, len(group), *figures(group)])
        # Among 50 comparisons a rate of 1% has two false alarms once in eleven times, three once in seventy.
        found = sum(line["status"] == 1 for line in group)
        is_bad |= found > 0.02 * len(group) if kind == "same" else len(group) - found > 0.1 * len(group)
    incomplete = sum(bool(line["problems"]) for line in results)
    return rows, f"Of {len(results)} comparisons {incomplete} had sessions that were cut, lost events or failed.", is_bad


def figures(group):
    said = {metric: [rules(*line["values"][metric]) for line in group] for metric in ("duration", "overhead")}
    sides = [side for line in group for side in line["values"]["overhead"]]
    noise = statistics.median(statistics.stdev(side) / statistics.fmean(side) for side in sides)
    yield group[0]["runs"]
    yield f"{100 * noise:.0f}%"
    yield sum(line["status"] == 1 for line in group)
    yield sum(line["by_times"] == 1 for line in group)
    yield sum(line["status"] == 3 for line in group)
    for rule in ("threshold", "hyperfine", "benchstat"):
        for metric in ("duration", "overhead"):
            yield sum(of[rule] for of in said[metric])
