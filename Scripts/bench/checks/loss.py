"""Nothing is lost at the highest spawn rate that this machine reaches, and what is lost is told: two loops start programs at full speed under
`record`. In the rounds with the default ring, spawns seen must equal spawns made with nothing lost; in the round with a ring far too small,
spawns seen and lost creations must add up to those made, and each event's samples in the file and its lost ones to what the kernel
counted.
"""

from bench.failure import Failure
from bench.folds import total
from bench.page import Table, compose, write_page
from bench.processes import say
from bench.summary import samples
from bench.workbench import workbench


def add_options(parser):
    parser.number("--rounds", 3, "rounds with the default ring")
    parser.number("--seconds", 60, "length of a round")
    parser.text("--small-ring", "the ring that is too small (default 4K: one page)", default="4K", metavar="SIZE")
    parser.recorders()
    parser.output("Results/loss.md")


def introduction(seconds):
    return f"""
Two processes start `/bin/true` at full speed for {seconds} s, recorded with call-site stacks. *Made* is the program's own
count, *seen* the summary's, *folded* the sum of `fold`. *Creations lost* are the lost events of `task:task_newtask` or `spawnscope:spawn`; *events
counted* are those that the kernel's counters have seen, whether they found room in the ring or not: samples in the file and events lost
must add up to them, lost sideband records included.
"""


def run(options):
    bad = 0
    with workbench("record", "info", "fold") as bench:
        table = Table(
            "recorder",
            "ring",
            "spawns made",
            "a second",
            "seen",
            "folded",
            "creations lost",
            "samples",
            "events lost",
            "events counted",
            "",
        )
        small = ["--ring-size", options.small_ring]
        for recorder in bench.by_each(options.recorders):
            for name, words in [("default", [])] * options.rounds + [(options.small_ring, small)]:
                cells, verdict = check(bench, words, options.seconds)
                table.add(recorder, name, *cells, verdict)
                bad += verdict in ("different", "lost")
        text = compose("Nothing lost, and what is lost is told", introduction(options.seconds), options, table)
        write_page(options.output, text)
    if bad:
        raise Failure(f"{bad} of {len(table.rows)} rounds do not add up")


def check(bench, words, seconds):
    """A row's figures, and what they say."""
    recording = bench.record(bench.program("two_loops"), f"{seconds}s", options=words, must=True)
    made, summary = recording.program_count, recording.summary
    seen, lost, counted = summary.spawns, summary.lost, summary.events
    if None in (made, seen, lost, counted):
        raise Failure(f"no numbers in the summary: {summary.text}")
    lost_creations = summary.lost_of("task:task_newtask") + summary.lost_of("spawnscope:spawn")
    kept = counted_samples(bench.ask("info", recording.session))
    folded = total(bench.ask("fold", recording.session))
    # What another process of the machine created may be among the lost.
    adds_up = seen <= made <= seen + lost_creations and folded == seen and kept + lost == counted
    verdict = "different" if not adds_up else "equal" if lost == 0 else "adds up" if words else "lost"
    if verdict in ("different", "lost"):
        say(summary.text)
    return [made, made // seconds, seen, folded, lost_creations, kept, lost, counted], verdict


def counted_samples(info):
    """Samples of the events that are counted: tracepoints, and what our programs write."""
    return sum(count for name, count in samples(info) if ":" in name)
