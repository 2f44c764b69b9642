"""Spawnscope beside the tools that people use today, all in one run: what recording costs programs that spawn, and those that do not; what is
lost at the highest rate; how fast recordings are read; how long it takes to start. About 50 minutes on 2 CPUs; nothing else should run.

STACKCOLLAPSE names a stackcollapse-perf.pl (Brendan Gregg's FlameGraph collection, not part of Spawnscope). Installs the other tools from
Debian's packages; the row of one that cannot be had says so.
"""

import json
import os
import pathlib
import platform
import time

from bench import installing
from bench.benchmarks.recorders import analysis, goals, loss, order, page, rates, spawns, start, where
from bench.failure import NO_INPUT, USAGE, Failure
from bench.folds import stackcollapse
from bench.machine import ROOT, machine_line, revision_line, today
from bench.processes import run as run_program
from bench.processes import say
from bench.tool_runs import ToolBench
from bench.tools import tools, versions
from bench.workbench import workbench

SECTIONS = {
    "loop": spawns.loop,
    "thousand": spawns.thousand,
    "programs": spawns.matrix,
    "rates": rates.rates,
    "quiet": rates.without_spawns,
    "loss": loss.loss,
    "analysis": analysis.analysis,
    "start": start.start,
    "instructions": start.instructions,
    "where": where.where,
}


def add_options(parser):
    parser.names("--sections", list(SECTIONS), "what is measured (default all)")
    parser.number("--rounds", 7, "of each measurement")
    parser.numbers("--sizes", [10, 100, 1000], "of the recordings to analyse, in MiB")
    parser.number("--loss-seconds", 0, "at most so long for each tool; 0: a minute, less for those that write or slow down most", least=0)
    parser.text("--beside", "the JSON of an earlier run: the page tells whether both have the same order of tools", metavar="FILE")
    into = "the JSON of an earlier run, of whose sections those of --sections are measured again; the page says so"
    parser.text("--into", into, metavar="FILE")
    parser.text("--output", "writes NAME.md and NAME.json (default Results/benchmark)", str(ROOT / "Results/benchmark"), "NAME")


def run(options):
    beside, into = (read(path) for path in (options.beside, options.into))
    if into and options.sections == list(SECTIONS):
        raise Failure("--into needs --sections: which are to be measured again", USAGE)
    if not stackcollapse():
        say("STACKCOLLAPSE is not set: perf script stands alone in the rows of analysis")
    with workbench("record", "report", "fold", "flamegraph", "compare", "pack", purpose="bench") as plain:
        installing.call("install_peers")
        bench = FullBench(plain, options)
        document = into_document(into) if into else new_document(bench, options)
        for name in options.sections:
            document["sections"][name] = measure(bench, name)
            if into:
                again = {"command": options.command_line, "date": today(), "revision": revision_line()}
                document["sections"][name]["run"] = again
    if beside:
        document["order"] = order.compare(document, beside)
    document["goals"] = goals.goals(document)
    write(document, pathlib.Path(options.output))


def read(path):
    if not path:
        return None
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"not readable: {path}: {error.strerror}", NO_INPUT) from None


class FullBench(ToolBench):
    """With what the sections need besides: real projects to build and test, and sizes."""

    def __init__(self, bench, options):
        super().__init__(bench, tools(bench.spawnscope), options.rounds)
        self.sizes, self.loss_seconds, self.stackcollapse = options.sizes, options.loss_seconds, stackcollapse()
        self.find_project()
        self.find_test_suite()

    def find_project(self):
        """A real C project, as Debian's source package has it; else the workloads' own build."""
        if installing.tries("fetch_source", "lua5.4", SCRATCH=self.scratch):
            (archive,) = self.scratch.glob("source/lua5.4_*.orig.tar.gz")
            run_program(["tar", "-C", self.scratch / "source", "-xf", archive])
            (lua,) = (path for path in self.scratch.glob("source/lua-5.4*") if path.is_dir())
            self.make = ["make", "-s", "-C", str(lua / "src"), "MYCFLAGS=-O0"]
            self.make_targets, self.make_name = ["lapi.o", "lauxlib.o", "lbaselib.o"], f"three objects of {lua.name}"
            return
        say("no source package of lua5.4 could be had: make builds the workloads instead")
        made = self.scratch / "made"
        made.mkdir()
        self.make = ["make", "-s", "-C", str(ROOT / "Tests/Workloads"), f"OUT={made}", "-B"]
        self.make_targets, self.make_name = [f"{made}/spawn_loop", f"{made}/busy"], "two of Spawnscope's workloads"

    def find_test_suite(self):
        """Python's own tests, of an interpreter that has them."""
        has_tests = ["-c", "import test.test_popen, test.test_posix"]
        candidates = (self.python, "/usr/bin/python3")
        self.python_tests = next((python for python in candidates if run_program([python, *has_tests]).returncode == 0), None)


def new_document(bench, options):
    """What is known before anything is measured."""
    return {
        "schema": "spawnscope.benchmark/1",
        "machine": machine_line(),
        "kernel": platform.release(),
        "revision": revision_line(),
        "date": today(),
        "command": options.command_line,
        "rounds": options.rounds,
        "versions": versions(),
        "titles": {tool.key: tool.title for tool in bench.tools},
        "make": bench.make_name,
        "sections": {},
    }


def into_document(document):
    """All of the run into which sections are put."""
    if document["machine"] != machine_line():
        raise Failure(f"it was measured on another machine: {document['machine']}")
    document.pop("order", None)  # it was of what is measured again, too
    return document


def measure(bench, name):
    started = time.monotonic()
    bench.say(f"section {name}")
    bench.remarks = {}
    section = SECTIONS[name](bench)
    return {**section, "remarks": bench.remarks, "took_s": round(time.monotonic() - started, 1)}


def write(document, output):
    json_file, page_file = output.with_suffix(".json"), output.with_suffix(".md")
    output.parent.mkdir(parents=True, exist_ok=True)
    json_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    page_file.write_text(page.page(document), encoding="utf-8")
    print(page.goals_table(document))
    say(f"written: {os.path.relpath(page_file)}, {os.path.relpath(json_file)}")
