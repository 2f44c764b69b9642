"""What recording costs a spawn while it runs, steady to 1%: paired short rounds of single spawns' CPU time."""

import random

from bench.failure import Failure
from bench.figures import interval, interval_text
from bench.page import Table, compose, write_page
from bench.processes import run as run_process
from bench.workbench import workbench

BARE, AGAIN = "bare", "bare beside bare"
RECORDERS = {
    "joined, whole stacks": ["--recorder", "joined"],
    "joined, no stacks": ["--recorder", "joined", "--stack-size", "0"],
    "events, whole stacks": ["--recorder", "events"],
    "events, frame pointers": ["--recorder", "events", "--stack-size", "0"],
}


def add_options(parser):
    parser.number("--rounds", 60, "rounds")
    parser.number("--spawns", 120, "spawns of each in a round")
    parser.output("Results/paired.md", "the table")


def introduction(rounds, spawns):
    return f"""
CPU time of a spawn, in the program and in its child, over that of the program alone. {rounds} rounds: in each every recorder and the bare
program, twice, start `/bin/true` {spawns} times on one CPU, in random order; the larger programs a quarter as often. A round's figure is the
ratio of the lower tenths of single spawns' CPU times; here is the median over the rounds, with the 95% interval of the bootstrap. The
recorder's own CPU, its start and its end are not in it.
"""


def run(options):
    with workbench("record") as bench:
        table = Table("program", "recorded by", "CPU of a spawn over bare", "in microseconds", numbers=(3,))
        for program, words, spawns in programs(bench, options.spawns):
            for name, ratio, more in compare(bench, [*words, spawns], options.rounds):
                table.add(program, name, ratio, more)
        title = "What recording costs a spawn"
        write_page(options.output, compose(title, introduction(options.rounds, options.spawns), options, table))


def programs(bench, spawns):
    """Each with the command that takes a count, and how many it starts."""
    yield "C, posix_spawn", [bench.program("spawn_cpu")], spawns
    yield "C, fork from 1 GiB", [bench.program("spawn_cpu"), "-m", "fork", "-b", "1024"], spawns // 4
    if bench.has("spawn_cpu_go"):
        yield "Go, os/exec", [bench.program("spawn_cpu_go")], spawns
    yield "Python, subprocess", ["/usr/bin/python3", bench.program("spawn_cpu.py")], spawns // 4


def compare(bench, words, rounds):
    """The rows of one program."""
    names = [BARE, AGAIN, *RECORDERS]
    tenths = {name: [] for name in names}
    for _ in range(rounds):
        for name in random.sample(names, len(names)):
            tenths[name].append(tenth(measured(bench, RECORDERS.get(name), words)))
    for name in names[1:]:
        ratios = [one / bare for one, bare in zip(tenths[name], tenths[BARE], strict=True)]
        more = (interval(ratios)[0] - 1) * interval(tenths[BARE])[0]
        yield name, interval_text(interval(ratios, part=0.025), 3), f"{more:+.1f}"


def measured(bench, recorder, words):
    """The CPU times of single spawns, in microseconds."""
    words = ["taskset", "-c", "0", *words]
    if recorder is None:
        done = run_process(words)
    else:
        done = run_process([bench.spawnscope, "record", "-q", "--no-pack", *recorder, "-o", bench.scratch / "session", "--", *words])
    if done.returncode:
        raise Failure(f"{' '.join(map(str, words))} failed: {done.stderr}")
    return times(done.stdout)


def times(text):
    """The numbers of the first line that `spawn_cpu` prints."""
    return [float(word) for word in text.splitlines()[0].split()]


def tenth(values):
    """The value that a tenth of all is below."""
    return sorted(values)[len(values) // 10]
