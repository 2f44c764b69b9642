"""What recording without rights costs: CPU of the program and of the recorder together, for one more spawn, make or test suite."""

import random
from dataclasses import dataclass

from bench.figures import interval, interval_text
from bench.page import Table, compose, write_page
from bench.processes import timed, wait_until_gone
from bench.tools import tools
from bench.workbench import workbench

BARE, AGAIN = "bare", "bare beside bare"
RECORDERS = ("traced", "inherited", "joined")
# Beside them; each start costs so much that they run less often.
OTHERS = ("strace", "strace-seccomp", "perf-trace")
COMPILE = """
set -eu
rm -rf "$1"; mkdir -p "$1"; cd "$1"
for number in 1 2 3 4 5 6; do
    printf '#include <stdio.h>\\nint part_%d(void) { return printf("%%d", %d); }\\n' "$number" "$number" >part-"$number".c
done
exec make -s -j2 CFLAGS=-O1 part-1.o part-2.o part-3.o part-4.o part-5.o part-6.o
"""


@dataclass
class Program:
    """`words` start it with a number of times after them; a figure is of one time more, from `few` to `many`."""

    title: str
    words: list
    few: int
    many: int
    rest: tuple = ()

    def command(self, times):
        return [*self.words, times, *self.rest]


def add_options(parser):
    parser.number("--rounds", 20, "rounds")
    parser.number("--slow-rounds", 3, "the rounds that strace and perf trace take part in")
    parser.output("Results/overhead-unprivileged.md", "the table")


def introduction(options):
    return f"""
CPU time over that of the program alone, of the program, its children and the recorder together, for one more spawn, make or test suite:
each command runs with few and with many of them, and the difference is divided by their number, so that starting and ending are not in it.
{options.rounds} rounds, {options.slow_rounds} of them with the slow tools; in each every recorder and the bare program, twice, in random
order, on any CPU. The figure is the median of the rounds' ratios with the 95% interval of the bootstrap. Recorded as root, whose rights
*traced* and *inherited* do not use.
"""


def programs(bench):
    cpu = bench.program("spawn_cpu")
    suite = ("/usr/bin/python3", bench.program("test_suite.py"), 10)
    yield Program("C, posix_spawn", [bench.program("spawn_loop")], 100, 700)
    yield Program("`make -j2` of six C files", [cpu], 1, 4, ("sh", "-c", COMPILE, "sh", bench.scratch / "parts"))
    yield Program("`make -j2`, 20 spawns of `/bin/true`", [cpu], 2, 12, ("dash", bench.program("make_loop.sh"), 20))
    yield Program("a test suite of 10", [cpu], 2, 8, suite)


def run(options):
    with workbench("record") as bench:
        known = {tool.key: tool for tool in tools(bench.spawnscope)}
        recorders = {
            name: [bench.spawnscope, "record", "-q", "--no-pack", "--recorder", name, "-o", "{output}", "--"] for name in RECORDERS
        }
        recorders = {f"Spawnscope, *{name}*": words for name, words in recorders.items()}
        others = {known[key].title: known[key].words for key in OTHERS if not known[key].missing()}
        table = Table("program", "recorded by", "CPU over bare", "wall over bare", "microseconds of CPU more", numbers=(4,))
        for program in programs(bench):
            for row in compare(bench, program, recorders, others, options):
                table.add(program.title, *row)
        write_page(options.output, compose("What recording without rights costs", introduction(options), options, table))


def compare(bench, program, recorders, others, options):
    words = {BARE: [], AGAIN: [], **recorders, **others}
    found = {name: [] for name in words}
    for number in range(options.rounds):
        taking_part = [name for name in words if name not in others or number < options.slow_rounds]
        for name in random.sample(taking_part, len(taking_part)):
            found[name].append(slope(bench, words[name], program))
    for name in list(words)[1:]:
        pairs = list(zip(found[name], found[BARE], strict=False))
        more = interval([cpu - bare for (cpu, _), (bare, _) in pairs])[0]
        yield (
            name,
            *(interval_text(interval([one[i] / bare[i] for one, bare in pairs], part=0.025), 3) for i in (0, 1)),
            f"{more * 1e6:+.0f}",
        )


def slope(bench, recorder, program):
    """Seconds of CPU and of wall time for one more."""
    output = str(bench.scratch / "recording")
    recorder = [str(word).replace("{output}", output) for word in recorder]
    few, many = (cost(bench, [*recorder, *program.command(times)]) for times in (program.few, program.many))
    return [(high - low) / (program.many - program.few) for low, high in zip(few, many, strict=True)]


def cost(bench, words):
    usage = timed(words)
    wait_until_gone(bench.spawnscope)
    return usage.cpu, usage.wall
