"""Drawing beside folding: `flamegraph` and `fold` of the same large session in turns, seconds and peak memory. Exits with 1 when drawing takes
more than 1.2 times as long.
"""

import statistics

from bench import measured
from bench.failure import Failure
from bench.large_session import repeat
from bench.page import Table, compose, write_page
from bench.rounds import interleaved
from bench.workbench import fill_page_cache, size_of, workbench

LIMIT = 1.2


def add_options(parser):
    parser.number("--mebibytes", 100, "size of the session")
    parser.number("--rounds", 9, "how often each is timed, in turns; the table has medians")
    parser.output("-", "the table")


def run(options):
    with workbench("record", "fold", "flamegraph") as bench:
        # A hundred call sites, ten spawns each, repeated until it is as large.
        small = bench.record(bench.program("hundred_paths"), 10, options=["--recorder", "events", "--no-compress"], must=True).session
        large = bench.scratch / "large"
        repeat(small, (options.mebibytes << 20) // (size_of(small) // 1000) + 1000, large)
        size = size_of(large)
        if size < options.mebibytes << 20:
            raise Failure(f"the session has only {size} bytes")
        fill_page_cache(large)
        table = Table("what", "fold", "flamegraph", "ratio", "peak of flamegraph", "picture")
        words = ["--weight", "overhead", "--frames", "ancestry,callsite,program,phase"]
        ratios = [compare(bench, table, options.rounds, large, "spawns", [])]
        ratios.append(compare(bench, table, options.rounds, large, "overhead by phase", words))
        introduction = f"A session of {size >> 20} MiB, {options.rounds} rounds in turns, medians; at most {LIMIT} times is meant."
        write_page(options.output, compose("", introduction, options, table))
    if max(ratios) > LIMIT:
        raise Failure(f"drawing takes more than {LIMIT} times as long as folding")


def compare(bench, table, rounds, large, what, words):
    """Adds a row; the ratio."""
    outputs = {command: bench.scratch / f"{command}.out" for command in ("fold", "flamegraph")}

    def measure(command, _):
        return measured.must_measure(bench, measured.into(outputs[command], bench.spawnscope, command, *words, large))

    runs = interleaved(outputs, measure, rounds)
    fold, drawn = (measured.seconds(runs[command]) for command in outputs)
    peak = statistics.median(run["peak_rss_kib"] for run in runs["flamegraph"]) / 1024
    picture = size_of(outputs["flamegraph"])
    table.add(what, f"{fold:.3f} s", f"{drawn:.3f} s", f"{drawn / fold:.2f}", f"{peak:.0f} MiB", f"{picture / 1024:.0f} KiB")
    return drawn / fold
