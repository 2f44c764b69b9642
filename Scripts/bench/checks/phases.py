"""The report's phases agree with a program that makes known delays and stamps the borders itself, in the same run."""

import json

from bench.checks.phase_borders import compare
from bench.failure import Failure
from bench.page import Table, compose, write_page
from bench.processes import say
from bench.workbench import workbench

INTRODUCTION = """
A program starts itself with known delays (busy before its first exec attempt, a number of paths that miss, busy between them, busy
in `main`, a delay before the wait) and stamps CLOCK_MONOTONIC at the borders, of the same spawns that are recorded. *Difference* is the
median over single spawns of the absolute difference; *deviation* that of the sums, in percent. *Within*: the sum within 10%, or the
difference within its bound: what the kernel does around a border, the first page copies after a fork above all, is invisible to the program.
With posix_spawn the child is libc's and stamps nothing. Times in µs. Each spawn's phases add up to its total exactly, all are
known, and the failed attempts are as many as were made.
"""
SHORT = ["prepare=300", "misses=2", "between=100", "run=1000", "reap=500"]


def add_options(parser):
    parser.number("--count", 200, "spawns of each program; a tenth of the large one")
    parser.recorders()
    parser.output("Results/phases.md")


def run(options):
    few = (options.count + 9) // 10
    bad = 0
    with workbench("record", "report") as bench:
        table = Table("recorder", "program", "phases", "report's median", "stamps' median", "difference", "deviation %", "")
        programs = (
            ("fork", "fork", options.count),
            ("fork, short", "fork", options.count, *SHORT),
            ("fork, no delays", "fork", options.count, "prepare=0", "misses=0", "run=0", "reap=0"),
            ("fork, from 1 GiB", "fork", few, "resident=1024"),
            ("vfork", "vfork", options.count),
            ("vfork, short", "vfork", options.count, *SHORT),
            ("vfork, from 1 GiB", "vfork", few, "resident=1024"),
            ("posix_spawn", "posix_spawn", options.count),
            ("posix_spawn, 50 misses", "posix_spawn", options.count, "misses=50"),
        )
        for recorder in bench.by_each(options.recorders):
            for name, *words in programs:
                rows, problems = check(bench, name, words)
                for row in rows:
                    table.add(recorder, *row)
                for problem in problems[:20]:
                    say(f"{recorder}, {name}: {problem}")
                bad += bool(problems)
        write_page(options.output, compose("Phases beside a program's own stamps", INTRODUCTION, options, table))
    if bad:
        raise Failure(f"{bad} programs are out of bounds")


def check(bench, name, words):
    recording = bench.record(bench.program("stamped"), *words, must=True)
    try:
        stamps, _ = json.JSONDecoder().raw_decode(recording.printed)
        return compare(name, bench.report(recording.session, "--spawns"), stamps)
    except (ValueError, KeyError, TypeError) as error:
        return [], [f"cannot compare: {type(error).__name__}: {error}"]
