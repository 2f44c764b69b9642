"""Flame graphs work in a real browser, Chromium without a window: zoom, search, keyboard, the address, both directions, widths of 1280 and 400
pixels, light and dark, with scripts and without; a difference; names that are markup; and 131,072 stacks.
"""

import pathlib

from bench.checks.pictures.debian_python import run_module
from bench.failure import Failure
from bench.machine import ROOT
from bench.processes import output_of
from bench.workbench import workbench

# Each leaf of a tree of calls is a stack.
TREE = """\
#include <unistd.h>
static volatile int sink;
static void left(int depth);
static void right(int depth);
static void both(int depth) {
    if (depth == 0) { sink += getppid(); return; }
    left(depth - 1);
    right(depth - 1);
    sink++;
}
static void left(int depth) { both(depth); sink++; }
static void right(int depth) { both(depth); sink++; }
int main(void) { both(17); return 0; }
"""
EVENT = "syscalls:sys_enter_getppid"


def add_options(parser):
    parser.text("--screenshots", "keep a picture of each page there", metavar="DIRECTORY")


def run(options):
    with workbench("record", "fold", "flamegraph") as bench:
        gallery = Gallery(bench)
        gallery.draw_builds()
        gallery.draw_hostile_names()
        gallery.draw_many_stacks()
        kept = [options.screenshots] if options.screenshots else []
        if run_module("bench.checks.pictures.browse", gallery.pages, *kept):
            raise Failure("the pictures are not as they should be")


class Gallery:
    def __init__(self, bench):
        self.bench = bench
        self.pages, self.built = bench.scratch / "pages", bench.scratch / "built"
        self.pages.mkdir()
        self.built.mkdir()

    def draw(self, name, session, *options):
        self.bench.ask("flamegraph", "-o", self.pages / f"{name}.svg", *options, session)

    def build(self, name, *targets):
        """A recorded build of some of the workloads."""
        for path in self.built.iterdir():
            path.unlink()
        make = ["make", "-s", "-C", ROOT / "Tests/Workloads", f"OUT={self.built}", *(self.built / target for target in targets)]
        return self.bench.record(*make, options=["--sample", 499], name=name, must=True).session

    def draw_builds(self):
        """A build of C and C++ programs, and one of C programs and a copy."""
        base = self.build("base", "spawn_loop", "measure", "spawn_threads")
        self.draw("build", base, "--no-icicle")
        (self.pages / "build.folded").write_text(self.bench.ask("fold", base))
        self.draw("phases", base, "--weight", "total", "--frames", "ancestry,program,phase", "--icicle")
        self.draw("samples", base, "--weight", "samples")
        head = self.build("head", "spawn_loop", "measure", "spawn_loop.sh")
        self.draw("change", head, "--base", base)
        self.draw("share", head, "--base", base, "--normalise", "--widths", "base")

    def draw_hostile_names(self):
        """Names that would run, if anything let them."""
        program = pathlib.Path(__file__).with_name("hostile_names.py")
        session = self.bench.record(self.bench.python, program, self.bench.scratch / "hostile", must=True).session
        self.draw("hostile", session, "--title", "</title><script>window.ran = 1</script>")

    def draw_many_stacks(self):
        source, program = self.bench.scratch / "tree.c", self.bench.scratch / "tree"
        source.write_text(TREE)
        output_of(["gcc", "-O0", "-fno-omit-frame-pointer", "-o", program, source])
        session = self.bench.record(program, options=["-e", EVENT, "-g"], must=True).session
        stacks = len(self.bench.ask("fold", "--event", EVENT, session).splitlines())
        if stacks < 100000:
            raise Failure(f"the tree of calls has only {stacks} stacks")
        self.draw("many", session, "--event", EVENT)
        self.draw("widest", session, "--event", EVENT, "--min-width", "0")
