"""What packing a session costs and saves: time, size before and after, beside what `perf record --call-graph dwarf` writes of the same workload;
how fast addresses are named; and what a thousand different images take.
"""

import re
import shutil
import statistics

from bench import installing
from bench.benchmarks.unwind import rates
from bench.failure import Failure
from bench.page import Table, compose, write_page
from bench.processes import output_of, timed
from bench.tools import PERF_EVENTS
from bench.workbench import size_of, workbench

# Programs that differ, each with its own build ID and function, each spawning once.
SOURCE = """
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
__attribute__((noinline)) int FUNCTION(void) {
    char *arguments[] = {"true", 0};
    pid_t pid;
    int status;
    return posix_spawn(&pid, "/bin/true", 0, 0, arguments, environ) || waitpid(pid, &status, 0) != pid;
}
int main(void) { return FUNCTION() + 0; }
"""
# HEADER_FEATURES' bit of the packed names, whose section is the table's last.
NAMES_BIT = 201


def add_options(parser):
    parser.number("--spawns", 2000, "spawns of each workload")
    parser.number("--images", 1000, "different programs")
    parser.number("--rounds", 5, "how often each session is packed; the median counts")
    parser.output("Results/pack.md")


def introduction(rounds):
    return f"""
Sessions as they are recorded (`--no-pack`), packed, and `perf record -a --call-graph dwarf,16384` with 14 tracepoints of the same workload.
Seconds and memory of `spawnscope pack` are medians of {rounds}.
"""


def run(options):
    with workbench("record", "pack", "fold") as bench:
        packing = Packing(bench, options.rounds)
        for name, words in (
            ("C -O2, posix_spawn", [bench.program("spawn_loop_bare")]),
            ("Go", [bench.program("spawn_loop_go")]),
            ("dash", ["dash", bench.program("spawn_loop.sh")]),
            ("CPython of Debian", ["/usr/bin/python3", bench.program("spawn_loop.py")]),
        ):
            packing.compare(name, [*words, options.spawns])
        images = packing.images(options.images)
        text = compose("Packing: what it costs and saves", introduction(options.rounds), options, packing.table, images)
        write_page(options.output, text)


def mebibytes(path):
    return size_of(path) / 2**20


class Packing:
    def __init__(self, bench, rounds):
        self.bench, self.rounds = bench, rounds
        self.lookup_rate = installing.release_program("LookupRate")
        self.packed = bench.scratch / "packed"
        self.table = Table(
            "program", "spawns", "session, MiB", "packed, MiB", "perf dwarf, MiB", "packed of that", "seconds to pack", "memory, MiB"
        )

    def record(self, *words):
        return self.bench.record(*words, options=["--no-pack"], must=True)

    def pack(self, session):
        """Median seconds, and MiB."""
        runs = []
        for _ in range(self.rounds):
            for path in self.bench.scratch.glob("packed*"):
                path.unlink()
            runs.append(timed([self.bench.spawnscope, "pack", "-o", self.packed, session]))
        return statistics.median(run.wall for run in runs), statistics.median(run.peak_kib for run in runs) / 1024

    def compare(self, name, words):
        recording = self.record(*words)
        seconds, memory = self.pack(recording.session)
        data = self.bench.scratch / "perf.data"
        data.unlink(missing_ok=True)
        dwarf = ["--call-graph", "dwarf,16384", "-m", "16M", "-o", data]
        output_of(["perf", "record", "-q", "-N", "-a", "-e", PERF_EVENTS, *dwarf, "--", *words])
        sizes = [mebibytes(path) for path in (recording.session, self.packed, data)]
        share = f"{100 * sizes[1] / sizes[2]:.2f}%"
        shown = [f"{size:.{digits}f}" for size, digits in zip(sizes, (2, 2, 1))]
        self.table.add(name, recording.summary.spawns, *shown, share, f"{seconds:.3f}", f"{memory:.0f}")

    def images(self, count):
        """What is said of a session of so many programs."""
        directory, source = self.bench.scratch / "images", self.bench.scratch / "image.c"
        directory.mkdir()
        source.write_text(SOURCE)
        for image in range(count):
            output_of(["gcc", "-O1", "-fomit-frame-pointer", f"-DFUNCTION=image_{image}", "-o", directory / str(image), source])
        session = self.record("sh", "-c", 'for program in "$1"/*; do "$program"; done', "sh", directory).session
        seconds, memory = self.pack(session)
        unpacked, packed = (timed([self.bench.spawnscope, "fold", path]) for path in (session, self.packed))
        named = sum(bool(re.search(r";image_\d+;", line)) for line in self.bench.ask("fold", self.packed).splitlines())
        if named != count:
            raise Failure(f"{named} of {count} programs have their function's name")
        names, files = self.lookups(self.packed), self.lookups(self.without_names())
        return f"""
A session of {count} different programs that spawn once each: packing takes {seconds:.3f} s and {memory:.0f} MiB, folding it unpacked {told(unpacked)}, packed
{told(packed)}; each program's function has its name.

Look-ups, million a second on one core, of the {files["addresses"]:.0f} addresses of that session's call sites: warm {files["warm"] / 1e6:.2f}, cold
{files["cold"] / 1e6:.2f} where the symbol tables of the files are read, {names["cold"] / 1e6:.2f} by the names in the session.
"""

    def lookups(self, session):
        return rates(output_of([self.lookup_rate, session, 50]))

    def without_names(self):
        """The same callchains without the packed names: those of perf's frame pointers are too few, so the section is renamed away."""
        path = self.bench.scratch / "names"
        shutil.copy(self.packed, path)
        with open(path, "r+b") as file:
            header = bytearray(file.read(104))
            header[72 + NAMES_BIT // 8] &= ~(1 << NAMES_BIT % 8) & 255
            file.seek(0)
            file.write(header)
        return path


def told(usage):
    return f"{usage.wall:.3f} s and {usage.peak_kib / 1024:.0f} MiB"
