"""What recording, packing and `record -- true` cost with two builds of the program, beside each other.

Each round has bare, BEFORE and AFTER in turns, on one CPU, and gives the ratio of the 10% quantiles of single spawns' CPU (the spawner's and
the child's, getrusage(2)); the figure is the median over the rounds with its 5-95% bootstrap interval, with bare beside bare to show the
noise.
"""

import os
import pathlib
import random
import statistics
import sys

from bench.figures import interval, interval_text
from bench.page import table, write_page
from bench.processes import running, timed, wait_until_gone
from bench.rounds import beside_bare, interleaved
from bench.workbench import need_root, scratch_directory, size_of

LOOP = r"""
import os, resource, sys
def used():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
costs = []
for _ in range(int(sys.argv[1])):
    before = used()
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    costs.append(used() - before)
with open(sys.argv[2], "w") as file:
    file.write(str(sorted(costs)[len(costs) // 10]))
"""
PROGRAMS = ("before", "after")


def add_options(parser):
    parser.add_argument("before", metavar="BEFORE", help="a build of the program")
    parser.add_argument("after", metavar="AFTER", help="another")
    parser.number("--rounds", 60, "of bare and both programs")
    parser.number("--spawns", 300, "of each run")
    parser.output("Results/worker.md")


def run(options):
    need_root()
    random.seed(1)
    with scratch_directory() as scratch:
        builds = Builds(options, scratch)
        ratios, starts = builds.ratios(), builds.starts()
        raw = builds.record_beside_a_stranger()
        packs, sizes = builds.packs(raw)
        write_page(options.output, page(options, ratios, starts, packs, sizes, size_of(raw)))


class Builds:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.programs = {name: str(pathlib.Path(getattr(options, name)).resolve()) for name in PROGRAMS}
        self.loop = [sys.executable, "-S", "-c", LOOP, str(options.spawns), str(scratch / "cost")]

    def time(self, name, *words):
        usage = timed([self.programs[name], *words])
        wait_until_gone(self.programs[name])
        return usage

    def cost(self, name):
        """CPU of one of the cheap spawns."""
        record = [self.programs[name], "record", "-q", "--no-pack", "-o", self.scratch / "s.data", "--"] if name != "bare" else []
        timed(["taskset", "-c", "0", *record, *self.loop])
        if name != "bare":
            wait_until_gone(self.programs[name])
        return float((self.scratch / "cost").read_text())

    def ratios(self):
        found = {}
        turns = beside_bare("bare", PROGRAMS, lambda name, _: self.cost(name), self.options.rounds, bare_every=len(PROGRAMS))
        for _, name, cost, sides in turns:
            found.setdefault(name, []).append(cost / statistics.mean(sides))
        return found

    def starts(self):
        words = ["record", "-q", "-o", self.scratch / "s.data", "--", "true"]
        return interleaved(PROGRAMS, lambda name, _: self.time(name, *words), self.options.rounds)

    def record_beside_a_stranger(self):
        raw = self.scratch / "raw.data"
        with running(["sh", "-c", "while :; do /bin/true; done"]):
            self.time("before", "record", "-q", "--no-pack", "-o", raw, "--", *self.loop)
        return raw

    def packs(self, raw):
        def pack(name, _):
            return self.time(name, "pack", "-q", "-o", self.scratch / f"{name}.data", raw)

        runs = interleaved(PROGRAMS, pack, max(5, self.options.rounds // 6))
        return runs, {name: size_of(self.scratch / f"{name}.data") for name in PROGRAMS}


def page(options, ratios, starts, packs, sizes, raw):
    def milliseconds(runs, what):
        return [f"{statistics.median(getattr(usage, what) for usage in runs[name]) * 1000:.1f} ms" for name in PROGRAMS]

    figures = {name: interval_text(interval(values), 3) for name, values in ratios.items()}
    rows = [
        ["CPU of a spawn while recorded, over bare [5-95%]", *(figures[name] for name in PROGRAMS)],
        ["`record -- true`, wall, median", *milliseconds(starts, "wall")],
        ["`record -- true`, CPU with its worker, median", *milliseconds(starts, "cpu")],
        [f"`pack` of {raw / 1e6:.1f} MB, half of it a stranger's, wall", *milliseconds(packs, "wall")],
        ["the same, CPU", *milliseconds(packs, "cpu")],
        ["packed size", *(f"{sizes[name] / 1e6:.2f} MB" for name in PROGRAMS)],
    ]
    return f"""# What the worker and leaving strangers out cost and save

`python3 Scripts/bench run worker BEFORE AFTER --rounds {options.rounds}` (release builds, {os.cpu_count()} CPUs, kernel {os.uname().release}).
Bare beside bare: {figures["bare"]}.

{table(["", *PROGRAMS], rows)}
"""
