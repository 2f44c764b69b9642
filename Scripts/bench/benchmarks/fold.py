"""Folding a large recording: `spawnscope fold` beside `perf script | stackcollapse-perf.pl` on the same file: seconds, ratio, peak memory, and
whether the stacks are the same line by line.

STACKCOLLAPSE names a stackcollapse-perf.pl (Brendan Gregg's FlameGraph collection; not part of Spawnscope); without it perf script stands
alone and the stacks are not compared.
"""

import os
import statistics

from bench import measured
from bench.checks.perf_compat import differences
from bench.failure import NO_INPUT, USAGE, Failure
from bench.folds import collapse, stackcollapse
from bench.page import compose, table, write_page
from bench.perf_recordings import record_by_perf
from bench.processes import first_line, say
from bench.rounds import interleaved
from bench.workbench import fill_page_cache, need_root, size_of, workbench

HEAD = ["", "seconds (range)", "CPU seconds", "MiB/s", "times faster", "peak MiB of each process"]
PIPE = 'set -o pipefail; "$1" "$2" perf script -i "$3" 2>/dev/null </dev/null | "$1" "$4" "${@:6}" >"$5"'


def add_options(parser):
    parser.number("--mebibytes", 100, "size of the recording")
    parser.number("--rounds", 3, "how often each is timed, in turn; the table has medians")
    recorder = (
        "perf: cpu-clock samples with -g of the machine with spawn loops and a busy program; spawnscope: a session of two spawn loops"
    )
    parser.add_argument("--recorder", choices=("perf", "spawnscope"), default="perf", help=f"{recorder} (default perf)")
    parser.text("--file", "a recording of yours, instead", metavar="FILE")
    parser.text("--event", "and its event to fold", metavar="EVENT")
    parser.output("Results/fold.md", "the table")
    parser.flag("--perf-only", "leave spawnscope out")


def run(options):
    if options.file and not options.event:
        raise Failure("--file needs --event", USAGE)
    script = stackcollapse()
    if not script:
        say("STACKCOLLAPSE is not set: perf script is timed alone, without folding, and the stacks are not compared")
    if not options.file:
        need_root()
    commands = () if options.perf_only else ("record", "fold")
    with workbench(*commands, purpose="bench", root=False, program=not options.perf_only) as bench:
        path, event = (options.file, options.event) if options.file else record(bench, options)
        if not os.access(path, os.R_OK):
            raise Failure(f"not readable: {path}", NO_INPUT)
        fill_page_cache(path)
        sides = Sides(bench, path, event, script)
        who = ["theirs"] if options.perf_only else ["theirs", "ours"]
        runs = interleaved(who, lambda side, _: getattr(sides, side)(), options.rounds)
        verdict = "not compared" if options.perf_only or not script else sides.compare()
        size = size_of(path)
        introduction = (
            f"A file of {size >> 20} MiB, event {event}; {options.rounds} rounds in turn, medians; the file was in the page cache."
        )
        told = f"Stacks of the two, sorted, line by line: {verdict}."
        rows = table(HEAD, sides.rows(runs, size))
        beside = [first_line(["perf", "--version"])]
        text = compose(
            "Folding a large recording", introduction, options, rows, told, beside=beside, environment="STACKCOLLAPSE=… " if script else ""
        )
        write_page(options.output, text, prints=options.output != "-")
    return 1 if verdict.startswith("different") else 0


def record(bench, options):
    """The file and its event."""
    say(f"recording {options.mebibytes} MiB with {options.recorder}")
    path = bench.scratch / "recording.data"
    if options.recorder == "perf":
        if not record_by_perf(bench, path, options.mebibytes):
            raise Failure("perf could not record")
        return path, "cpu-clock"
    trial = 500
    loops = bench.program("two_loops")
    small = bench.record(loops, trial, options=["--no-pack"], name="trial", must=True).session
    count = (options.mebibytes << 20) * trial // size_of(small) + 1
    return bench.record(loops, count, options=["--no-pack"], must=True).session, "spawnscope:spawn"


class Sides:
    def __init__(self, bench, path, event, script):
        self.bench, self.path, self.event, self.script = bench, path, event, script

    def theirs(self):
        """The whole pipe, and each of its two processes."""
        parts = [self.bench.scratch / f"{name}.json" for name in ("perf", "collapse")]
        for part in parts:
            part.unlink(missing_ok=True)
        collapsing = ["perl", self.script] if self.script else ["cat"]
        folded = self.bench.scratch / "theirs.folded"
        words = ["bash", "-c", PIPE, "-", self.bench.program("measure"), parts[0], self.path, parts[1], folded, *collapsing]
        return {**measured.must_measure(self.bench, words), "parts": [measured.read(part)[0] for part in parts]}

    def ours(self):
        words = [self.bench.spawnscope, "fold", self.path, "--event", self.event, "--names", "perf"]
        run = measured.must_measure(self.bench, measured.into(self.bench.scratch / "ours.folded", *words))
        return {**run, "parts": [run]}

    def compare(self):
        theirs = collapse(self.path, self.event, self.script)
        ours = sorted((self.bench.scratch / "ours.folded").read_text(errors="surrogateescape").splitlines())
        found = differences(theirs, ours)
        say("\n".join(found[:10]))
        return f"different: {len(found)} lines" if found else f"equal, {len(ours)} lines"

    def rows(self, runs, size):
        titles = {
            "theirs": "`perf script | stackcollapse-perf.pl`" if self.script else "`perf script`",
            "ours": "`spawnscope fold --event --names perf`",
        }
        return [row(titles[side], own, size, runs["theirs"]) for side, own in runs.items()]


def row(title, runs, size, beside):
    seconds = measured.seconds(runs)
    cpu = statistics.median(run["user_s"] + run["system_s"] for run in runs)
    peaks = [measured.peak_mebibytes(parts) for parts in zip(*(run["parts"] for run in runs))]
    ratio = f"{measured.seconds(beside) / seconds:.1f}" if runs is not beside else "1"
    peak = " + ".join(f"{peak:.0f}" for peak in peaks)
    return [title, measured.seconds_and_range(runs), f"{cpu:.2f}", f"{size / seconds / 2**20:.1f}", ratio, peak]
