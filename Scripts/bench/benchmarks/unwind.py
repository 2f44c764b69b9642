"""How fast call sites are unwound: frames a second of one core, from sessions of programs with stacks of all kinds."""

from bench import installing
from bench.page import Table, compose, write_page
from bench.processes import output_of
from bench.workbench import workbench


def add_options(parser):
    parser.number("--count", 1000, "spawns of each workload, even")
    parser.number("--rounds", 50, "how often each stack is unwound warm")
    parser.output("Results/unwind.md", "the table")


def introduction(rounds):
    return f"""
All the stack dumps of a session, decoding their registers included. *Warm*: every stack {rounds} times, its rules known. *Cold*: every stack
once with no rule known, the images' tables read. *Anew*: the images read again, too, for every stack.
"""


def run(options):
    with workbench("record") as bench:
        program = installing.release_program("UnwindRate")
        table = Table("program", "stacks", "frames each", "warm, million frames/s", "cold", "anew")
        for name, words in workloads(bench, options.count):
            session = bench.record(*words, options=["--no-pack"], must=True).session
            rate = rates(output_of([program, session, options.rounds]))
            each = rate["frames"] / rate["stacks"]
            figures = (f"{rate[key] / 1e6:.{digits}f}" for key, digits in (("warm", 2), ("cold", 3), ("anew", 4)))
            table.add(name, f"{rate['stacks']:.0f}", f"{each:.1f}", *figures)
        title = "Unwinding: frames a second on one core"
        write_page(options.output, compose(title, introduction(options.rounds), options, table))


def workloads(bench, count):
    yield "C -O2, posix_spawn", [bench.program("spawn_loop_bare"), count]
    yield "C, a hundred paths", [bench.program("hundred_paths"), count // 100 + 1]
    yield "C++, threads", [bench.program("spawn_threads_bare"), count]
    yield "Go", [bench.program("spawn_loop_go"), count]
    yield "Go, stripped", [bench.program("spawn_loop_go_stripped"), count]
    yield "dash", ["dash", bench.program("spawn_loop.sh"), count]
    yield "bash", ["bash", bench.program("spawn_loop.sh"), count]
    yield "CPython of Debian", ["/usr/bin/python3", bench.program("spawn_loop.py"), count]
    yield "perl", ["perl", bench.program("spawn_loop.pl"), count]


def rates(text):
    """`name value` of each line, as the programs of Tests/Benchmarks print them."""
    return {name: float(value) for name, value, *_ in (line.split() for line in text.splitlines() if len(line.split()) > 1)}
