"""How `report` scales: a real session repeated until it has 10,000, 100,000 and 1,000,000 spawns; seconds, MiB/s and peak memory of each format.
Exits with 1 when a report does not have exactly the repeated session's spawns, or its time per MiB or its memory grows.
"""

import json

from bench import measured
from bench.failure import Failure
from bench.large_session import repeat
from bench.page import compose, table, write_page
from bench.processes import say
from bench.workbench import fill_page_cache, size_of, workbench

GROWTH = 1.3
# By the format's name in the table.
FORMATS = {
    "csv": ["--format", "csv"],
    "json": ["--format", "json"],
    "json --spawns": ["--format", "json", "--spawns"],
    "text": [],
}
HEAD = ["format", "spawns", "MiB", "seconds (range)", "MiB/s", "peak MiB", "output MiB"]
TOTALS = ("spawns", "execs", "forked", "failed", "failed_attempts", "unreaped", "orphaned", "unfinished")


def add_options(parser):
    parser.numbers("--spawns", [10000, 100000, 1000000], "sizes; a spawn is about 8 KiB, so the last is 8 GiB on a disk")
    parser.number("--rounds", 3, "how often each is timed; the table has medians")
    parser.text("--stack-size", "as `record` has it (default: its default); 0 makes sessions smaller, without stack dumps", metavar="SIZE")
    parser.output("Results/report.md", "the table")


def introduction(rounds):
    return f"""
A session of 1,000 spawns at a hundred call sites, repeated with shifted pids and times; {rounds} rounds, medians. The peak is the resident set
of the process. Every report has exactly the repeated session's spawns and the sums of its phases. *Flat*: at most 1.3 times.
"""


def run(options):
    with workbench("record", "report") as bench:
        stack_size = ["--stack-size", options.stack_size] if options.stack_size else []
        small = bench.record(
            bench.program("hundred_paths"), 10, options=["--recorder", "events", "--no-pack", *stack_size], must=True
        ).session
        scaling = Scaling(bench, options.rounds, small)
        for size in options.spawns:
            scaling.measure(size)
        rows, growth, is_flat = judge(scaling.cells)
        title = "`report` on large sessions"
        text = compose(title, introduction(options.rounds), options, table(HEAD, rows), "\n".join(growth))
        write_page(options.output, text, prints=options.output != "-")
    for problem in scaling.problems:
        say(problem)
    if scaling.problems or not is_flat:
        raise Failure("a report is wrong, or its cost grows")


class Scaling:
    def __init__(self, bench, rounds, small):
        self.bench, self.rounds, self.small = bench, rounds, small
        self.once = bench.report(small)
        self.output = bench.scratch / "out"
        # By format and number of spawns: bytes of the session, runs, bytes of the output.
        self.cells, self.problems = {}, []

    def measure(self, size):
        large = self.bench.scratch / "large"
        copies, spawns = repeat(self.small, size, large)
        fill_page_cache(large)
        for name, words in FORMATS.items():
            command = measured.into(self.output, self.bench.spawnscope, "report", *words, large)
            runs = [measured.must_measure(self.bench, command) for _ in range(self.rounds)]
            self.cells[name, spawns] = (size_of(large), runs, size_of(self.output))
            say(f"{spawns} spawns, {size_of(large) >> 20} MiB, {name}: {runs[-1]}")
            self.problems += [f"{spawns} spawns, {name}: {problem}" for problem in self.check(name, spawns, copies)]
        large.unlink()

    def check(self, name, spawns, copies):
        with open(self.output, encoding="utf-8") as lines:
            if name == "json":
                yield from differences(self.once, json.load(lines), copies)
            elif name == "json --spawns" and not any('"start_ns"' in line for line in lines):
                yield "no spawns in the output"
            elif name == "csv" and (count := sum(1 for _ in lines)) < spawns:
                yield f"the CSV has {count} lines"


def differences(small, large, copies):
    """Of the report of a session and that of its copies: totals and sums of phases must be so many times those, at the same call sites."""
    for name in TOTALS:
        if large["totals"][name] != copies * small["totals"][name]:
            yield f"{name}: {large['totals'][name]}, not {copies} times {small['totals'][name]}"
    # The root's waits and the gaps between copies belong to no phase.
    for phase, values in small["phases"].items():
        if any(large["phases"][phase][part] != copies * values[part] for part in ("count", "sum_ns")):
            yield f"{phase}: {large['phases'][phase]}, not {copies} times {values}"
    if len(large["callsites"]) != len(small["callsites"]):
        yield f"{len(large['callsites'])} call sites, not {len(small['callsites'])}"


def judge(cells):
    """The rows, a line on each format's growth, and whether all are flat."""
    rows, by_format = [], {}
    for (name, spawns), (size, runs, output) in sorted(cells.items()):
        seconds, peak, mebibytes = measured.seconds(runs), measured.peak_mebibytes(runs), size / 2**20
        by_format.setdefault(name, []).append((mebibytes, seconds / mebibytes, peak))
        times, rate = measured.seconds_and_range(runs), f"{mebibytes / seconds:.0f}"
        rows.append([name, spawns, f"{mebibytes:.0f}", times, rate, f"{peak:.1f}", f"{output / 2**20:.1f}"])
    growth, is_all_flat = [], True
    for name, sizes in by_format.items():
        (first, time, memory), (last, later_time, later_memory) = sizes[0], sizes[-1]
        is_flat = later_time <= GROWTH * time and later_memory <= GROWTH * memory
        is_all_flat &= is_flat
        growth.append(
            f"- {name}: over {last / first:.0f} times the session, {later_time / time:.2f} times the seconds per MiB "
            f"and {later_memory / memory:.2f} times the memory: {'flat' if is_flat else 'not flat'}"
        )
    return rows, growth, is_all_flat
