"""python3 -m bench list|run|check|make NAME [options]

    list              the names, each with what it is for
    run NAME          a benchmark
    check NAME        a check: exits with 1 where something is not as it must be
    make NAME         something that these need: sessions, inputs, pictures

NAME --help tells the options. What is written to Results has the command that makes it again.
"""

import importlib
import os
import re
import shlex
import signal
import sys

from bench.failure import USAGE, Failure
from bench.options import Parser
from bench.processes import say

BENCHMARKS = {
    "article": "bench.article.command",
    "compare-simulation": "bench.benchmarks.compare_simulation",
    "flamegraph": "bench.benchmarks.flamegraph",
    "fold": "bench.benchmarks.fold",
    "fuzz": "bench.fuzzing.command",
    "limits": "bench.benchmarks.limits",
    "overhead": "bench.benchmarks.overhead",
    "pack": "bench.benchmarks.pack",
    "paired": "bench.benchmarks.paired",
    "recorders": "bench.benchmarks.recorders.command",
    "report": "bench.benchmarks.report",
    "strangers": "bench.benchmarks.strangers",
    "unprivileged": "bench.benchmarks.unprivileged",
    "unwind": "bench.benchmarks.unwind",
    "worker": "bench.benchmarks.worker",
}
CHECKS = {
    "article": "bench.checks.article",
    "budget": "bench.checks.budget",
    "compare": "bench.checks.compare",
    "counts": "bench.checks.counts",
    "distributions": "bench.checks.distributions",
    "exports": "bench.checks.exports",
    "gdb": "bench.checks.gdb",
    "kernels": "bench.checks.kernels.command",
    "lifecycle": "bench.checks.lifecycle.command",
    "loss": "bench.checks.loss",
    "paths": "bench.checks.paths",
    "perf-compat": "bench.checks.perf_compat",
    "phases": "bench.checks.phases",
    "pictures": "bench.checks.pictures.command",
    "public-symbols": "bench.checks.public_symbols",
    "recorders": "bench.checks.recorders",
    "stacks": "bench.checks.stacks",
    "unprivileged": "bench.checks.unprivileged.command",
}
MAKERS = {
    "hostile-inputs": "bench.hostile.command",
    "fuzz-seeds": "bench.fuzzing.seeds",
    "large-session": "bench.large_session",
    "screenshot": "bench.checks.pictures.screenshot",
}
KINDS = {"run": BENCHMARKS, "check": CHECKS, "make": MAKERS}


def main(words):
    match words:
        case ["list"]:
            print(listing())
            return 0
        case [("run" | "check" | "make") as kind, name, *rest] if name in KINDS[kind]:
            return call(kind, name, rest)
        case ["-h" | "--help"]:
            print(__doc__)
            return 0
        case [("run" | "check" | "make") as kind, *_]:
            say(f"bench {kind}: needs one of {', '.join(KINDS[kind])}")
        case _:
            say(__doc__)
    return USAGE


def call(kind, name, words):
    """Runs a command; its module has `add_options` and `run`, which returns a status or nothing."""
    module = importlib.import_module(KINDS[kind][name])
    # One may have a shorter way to be called.
    called = getattr(module, "CALLED", f"python3 Scripts/bench {kind} {name}")
    parser = Parser(prog=called, description=module.__doc__)
    module.add_options(parser)
    options = parser.parse_args(words)
    options.command_line = " ".join([called, *map(quoted, words)])
    # As an exception it ends what was started and removes what was made, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return module.run(options) or 0
    except Failure as failure:
        if str(failure):
            say(f"bench {kind} {name}: {failure}")
        return failure.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has gone; Python would say so once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def quoted(word):
    """As a reader would type it."""
    return word if re.fullmatch(r"[\w@%+=:,./*-]+", word) else shlex.quote(word)


def listing():
    lines = []
    for kind, modules in KINDS.items():
        for name, module in modules.items():
            lines.append(f"{kind:<6}{name:<20}{summary(importlib.import_module(module).__doc__)}")
    return "\n".join(lines)


def summary(text):
    """The first sentence."""
    return re.match(r"(.*?)[.:](?:\s|$)", text.strip(), re.DOTALL)[1].replace("\n", " ")
