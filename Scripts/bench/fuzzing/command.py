"""Fuzzes what parses other people's bytes: each target of Tests/Fuzz in turn, guided by coverage (libFuzzer).

Starts from the kept inputs, from what earlier runs here found (.build-fuzz/inputs), and from seeds of our own (seeds.py). New inputs that
reach code which no kept one reaches are added to the corpus, which every test run gives to the same targets (FuzzCorpusTests): commit them.
Ends with 1 if something was found. Called by root, the fuzzer runs as nobody, since inputs name files. Needs a clang runtime for fuzzing,
which Swift's toolchain has.
"""

import os
import pathlib
import re

from bench.failure import USAGE, Failure
from bench.fuzzing.fuzzer import BUILD, Fuzzer, build, known_targets
from bench.fuzzing.targets import Target
from bench.machine import ROOT
from bench.page import Table, compose, write_page
from bench.workbench import scratch_directory

CALLED = "Scripts/fuzz.sh"


def add_options(parser):
    parser.add_argument("targets", metavar="TARGET", nargs="*", help="those alone; all without")
    parser.flag("--list", "the targets and the longest inputs that they take, in bytes")
    parser.number("--seconds", 60, "for each target")
    parser.number("--turn", None, "two targets, whose turn it is at the number N: CI gives it the number of commits", least=0)
    parser.flag("--no-keep", "the corpus stays as it is")
    corpus = "what is kept (default Tests/Fuzz/Corpus): inputs that reach code which the others do not"
    parser.text("--corpus", corpus, str(ROOT / "Tests/Fuzz/Corpus"), "DIR")
    findings = (
        "where inputs go that crash, hang for 5 s, need 512 MiB, or merely take more than 1 s (default .build-fuzz/findings); "
        "with each is said how to run it again"
    )
    parser.text("--findings", findings, str(BUILD / "findings"), "DIR")
    parser.text("--out", "writes the figures as a page of Markdown", metavar="FILE")


def run(options):
    build()
    known = known_targets()
    if options.list:
        for name, longest in known.items():
            print(name, longest)
        return 0
    names = choose(options, list(known))
    table = Table("target", "inputs tried", "a second", "edges", "features", "kept inputs, bytes", "found")
    found, tried = False, 0
    memory = pathlib.Path("/dev/shm")
    with scratch_directory(memory if memory.is_dir() else None) as scratch:
        fuzzer = Fuzzer(scratch, options)
        for name in names:
            target = Target(fuzzer, name, known[name])
            target.run()
            table.add(*target.row)
            found |= target.has_findings
            tried += target.figures.inputs or 0
    if options.out:
        write_page(options.out, page(options, table, tried))
    return 1 if found else 0


def choose(options, known):
    if options.turn is not None:
        return [known[index % len(known)] for index in (2 * options.turn, 2 * options.turn + 1)]
    unknown = [name for name in options.targets if name not in known]
    if unknown:
        raise Failure(f"no such target: {', '.join(unknown)}; see --list", USAGE)
    return options.targets or known


def page(options, table, tried):
    """The sections below the figures are people's, and stay."""
    introduction = f"""
Each target from its kept corpus and its seeds for {options.seconds} s, one after the other. *Edges* are branches of Spawnscope's own code
that were reached, *features* those with how often; C libraries are not counted. *Found*: traps, hangs of 5 s, 512 MiB of memory.

{table}

In all {tried} inputs.
"""
    before = pathlib.Path(options.out).read_text(encoding="utf-8") if os.path.exists(options.out) else ""
    sections = re.search(r"^## .*", before, re.DOTALL | re.MULTILINE)
    return compose("Fuzzing", introduction, options, sections[0] if sections else "")
