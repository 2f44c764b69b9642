"""What recording costs a spawn while it runs, steady to 1%: paired short rounds of single spawns' CPU time."""

import random

from bench.failure import Failure
from bench.figures import interval, interval_text, pooled, quantile
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


LATENCY = """
## How long a start takes

A C program starts `/bin/true` 1,000 times a second on any CPU: from the call to the end of the wait, in as many rounds. The quantiles are
those of all starts of all rounds, over bare's; the interval is the bootstrap's over the rounds.
"""


def add_options(parser):
    parser.number("--rounds", 60, "rounds")
    parser.number("--spawns", 120, "spawns of each in a round")
    parser.output("Results/paired.md", "the table")


def introduction(rounds, spawns):
    return f"""
CPU time of a spawn, in the program and in its child, over that of the program alone. {rounds} rounds: in each every recorder and the bare
program, twice, start `/bin/true` {spawns} times on one CPU, in random order; the larger programs a quarter as often. Shells, make and a test
suite are started as a whole, each with some spawns of its own, an eighth as often; so are a loop of system calls and a server, which spawn
nothing. A round's figure is the ratio of the lower tenths of single starts' CPU times; here is the median over the rounds, with the 95%
interval of the bootstrap. The recorder's own CPU, its start and its end are not in it.
"""


def run(options):
    with workbench("record") as bench:
        table = Table("program", "recorded by", "CPU over bare", "in microseconds", numbers=(3,))
        for program, words in programs(bench, options.spawns):
            for name, ratio, more in compare(bench, words, options.rounds):
                table.add(program, name, ratio, more)
        latencies = Table("recorded by", "p50 over bare", "p99 over bare")
        for row in compare_latencies(bench, [bench.program("spawn_latency"), "-l", "-r", 1000, options.spawns], options.rounds):
            latencies.add(*row)
        title = "What recording costs a spawn"
        sections = [table, LATENCY, latencies]
        write_page(options.output, compose(title, introduction(options.rounds, options.spawns), options, *sections))


def programs(bench, spawns):
    """Each with the command that prints the CPU time of each start."""
    cpu = bench.program("spawn_cpu")
    yield "C, posix_spawn", [cpu, spawns]
    yield "C, 1,000 a second", [cpu, "-p", 700, spawns // 2]
    yield "C, fork from 1 GiB", [cpu, "-m", "fork", "-b", "1024", spawns // 4]
    if bench.has("spawn_cpu_go"):
        yield "Go, os/exec", [bench.program("spawn_cpu_go"), spawns]
    yield "Python, subprocess", ["/usr/bin/python3", bench.program("spawn_cpu.py"), spawns // 4]
    few = max(spawns // 8, 1)
    yield "dash, 20 spawns", [cpu, few, "dash", bench.program("spawn_loop.sh"), 20]
    yield "make -j2, 20 spawns", [cpu, few, "dash", bench.program("make_loop.sh"), 20]
    yield "a test suite of 10", [cpu, few, "/usr/bin/python3", bench.program("test_suite.py"), 10]
    yield "100,000 system calls", [cpu, few, bench.program("syscall_loop"), "calls", 100]
    yield "4,000 requests to a server", [cpu, few, bench.program("syscall_loop"), "server", 4]


def compare(bench, words, rounds):
    """The rows of one program."""
    names = [BARE, AGAIN, *RECORDERS]
    tenths = {name: [] for name in names}
    for _ in range(rounds):
        for name in random.sample(names, len(names)):
            tenths[name].append(quantile(measured(bench, RECORDERS.get(name), ["taskset", "-c", "0", *words]), 0.1))
    for name in names[1:]:
        ratios = [one / bare for one, bare in zip(tenths[name], tenths[BARE], strict=True)]
        more = (interval(ratios)[0] - 1) * interval(tenths[BARE])[0]
        yield name, interval_text(interval(ratios, part=0.025), 3), f"{more:+.1f}"


def compare_latencies(bench, words, rounds):
    names = [BARE, AGAIN, *RECORDERS]
    found = {name: [] for name in names}
    for _ in range(rounds):
        for name in random.sample(names, len(names)):
            found[name].append(measured(bench, RECORDERS.get(name), words))
    for name in names[1:]:
        pairs = list(zip(found[name], found[BARE], strict=True))
        yield name, *(interval_text(pooled(pairs, part), 3) for part in (0.5, 0.99))


def measured(bench, recorder, words):
    """What is said of single spawns, in microseconds."""
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
