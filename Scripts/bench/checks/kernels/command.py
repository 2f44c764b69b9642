"""Debian's kernels, emulated in software, record as this machine's does: the lifecycle workloads against strace, each of record's options, and
what root and others are told they may do. What a kernel cannot tell must be absent. Exits with 69 where Debian's mirror cannot be reached.

Packages come from the mirror that /etc/apt names, into ${XDG_CACHE_HOME:-~/.cache}/spawnscope/debian.
"""

import pathlib
import shlex
import shutil
import time

from bench import processes
from bench.checks.kernels import judge
from bench.checks.kernels.emulated_machine import GUEST_PATH, LOCKED, emulate, fetch_kernel, text_of
from bench.checks.lifecycle.command import cgroup_tree
from bench.failure import Failure
from bench.machine import ROOT
from bench.page import compose, write_page
from bench.processes import first_line, say
from bench.strace import TRACED
from bench.workbench import workbench

# Linux 5.10, 6.1, 6.12, and the newest.
RELEASES = ("bullseye", "bookworm", "trixie", "sid")
# One in turn leaves out what takes long.
SECONDS, SECONDS_IN_TURN = 1800, 840
# qemu's second CPU may run an instruction that the first has patched already: the kernel finds a breakpoint that is none of its own.
EMULATORS_FAULTS, ATTEMPTS = ("Oops: int3", LOCKED), 3
# A parent that asks the kernel to reap its children is a limit: see docs/reference/limits.md.
LEFT_OUT = "sigchld-nocldwait"

INTRODUCTION = """
Each was booted in qemu under software emulation with this machine's files, and recorded there what follows; reports were made here. *Equal*:
as `python3 Scripts/bench check lifecycle` has it, all modes of a workload as one session, beside strace on this machine, for endings beside strace
there: kernels before 5.17 take the code of a process whose threads leave one by one from its first thread.
"""


def add_options(parser):
    parser.some_of("releases", RELEASES, "all without")
    parser.number("--turn", None, "one of them, whose turn it is at the number N: CI gives it the number of commits", least=0)
    parser.output(None, "the page; when all are checked Results/kernels.md")


def run(options):
    is_turn = options.turn is not None
    chosen = [RELEASES[options.turn % len(RELEASES)]] if is_turn else options.releases or RELEASES
    output = options.output or (str(ROOT / "Results/kernels.md") if not is_turn and not options.releases else None)
    sections, wrong = [], []
    with workbench("record", "report", "fold", "doctor") as bench:
        shutil.copy(ROOT / "Tests/Workloads/every_mode.sh", bench.workloads)
        trace_here(bench, with_python=not is_turn)
        for release in chosen:
            section, is_right = check_release(bench, release, is_turn)
            say(section)
            sections.append(f"## Debian {release}\n\n{section}")
            if not is_right:
                wrong.append(release)
        if output:
            beside = [first_line(["qemu-system-x86_64", "--version"]), first_line(["strace", "-V"])]
            write_page(output, compose("The kernels of Debian", INTRODUCTION, options, *sections, beside=beside))
    if wrong:
        raise Failure(f"not as it must be: {' '.join(wrong)}")


def trace_here(bench, with_python):
    """What the workloads do, by strace on this machine."""
    modes, cgroup = bench.program("every_mode.sh"), cgroup_tree()
    workloads = {
        "creations": [modes, bench.program("creations")],
        "executions": [modes, bench.program("executions")],
        "waits": [modes, bench.program("waits")],
        "dash": [modes, "dash", bench.program("lifecycles.sh")],
        "make": ["make", "-s", "-j4", "-f", bench.program("lifecycles.mk")],
    }
    if with_python:
        workloads["python"] = [modes, bench.python, bench.program("lifecycles.py")]
    for name, words in workloads.items():
        environment = {"PATH": GUEST_PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "SPAWNSCOPE_CGROUP": cgroup, "SPAWNSCOPE_PAUSES": "10"}
        environment["LEFT_OUT"] = LEFT_OUT if name == "waits" else ""
        log = bench.scratch / f"lives-{name}.strace"
        processes.run(
            [shutil.which("strace"), "-f", "-ttt", "-s", 65536, "-o", log, "-e", f"trace={TRACED}", "--", *words], env=environment
        )


def check_release(bench, release, is_turn):
    """What is seen on its kernel as Markdown, and whether all of it is as it must be."""
    kernel = fetch_kernel(release)
    say(f"Debian {release}: Linux {kernel.version}")
    guest = pathlib.Path(__file__).with_name("kernel_guest.sh")
    words = ["bash", guest, bench.spawnscope, bench.workloads, bench.python, TRACED, *([] if is_turn else ["all"])]
    for attempt in range(ATTEMPTS):
        shared = bench.scratch / f"{release}-{attempt}"
        shared.mkdir()
        for log in bench.scratch.glob("lives-*.strace"):
            shutil.copy(log, shared)
        start = time.monotonic()
        emulate(kernel, bench.scratch, shared, SECONDS_IN_TURN if is_turn else SECONDS, shlex.join(map(str, words)))
        if (shared / "complete").exists():
            say(f"ran for {time.monotonic() - start:.0f} s")
            return judge.judge(bench.spawnscope, shared)
        console = text_of(shared / "console")
        say("\n".join(console.splitlines()[-20:]))
        if not any(fault in console for fault in EMULATORS_FAULTS):
            break
    raise Failure(f"Linux {kernel.version}: the emulated machine did not finish")
