"""Debian's kernels, emulated in software, record as this machine's does: the lifecycle workloads against strace, each of record's options, and
what root and others are told they may do. What a kernel cannot tell must be absent. And a user without rights records them at settings of
kernel.perf_event_paranoid and Yama (unprivileged). Exits with 69 where Debian's mirror cannot be reached.

Packages come from the mirror that /etc/apt names, into ${XDG_CACHE_HOME:-~/.cache}/spawnscope/debian.
"""

import os
import pathlib
import shlex
import shutil
import time

from bench import processes
from bench.checks.kernels import judge
from bench.checks.kernels.emulated_machine import GUEST_PATH, LOCKED, emulate, fetch_kernel, text_of
from bench.checks.lifecycle.command import cgroup_tree
from bench.checks.unprivileged.places import AS_NOBODY, NOBODY, OWN_TMP
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
# Debian's own, which the user without rights may execute.
USER_PYTHON = "/usr/bin/python3"
GO_SPAWNS = 20
# A parent that asks the kernel to reap its children is a limit: see docs/reference/limits.md.
LEFT_OUT = "sigchld-nocldwait"

INTRODUCTION = """
Each was booted in qemu under software emulation with this machine's files, and recorded there what follows; reports were made here. *Equal*:
as `python3 Scripts/bench check lifecycle` has it, all modes of a workload as one session, beside strace on this machine, for endings beside strace
there: kernels before 5.17 take the code of a process whose threads leave one by one from its first thread.
"""


def add_options(parser):
    parser.some_of("releases", RELEASES, "all without")
    parser.names("--parts", tuple(judge.PARTS), "what is recorded: by root and with each option, and by a user without rights")
    parser.number("--turn", None, "one of them, whose turn it is at the number N: CI gives it the number of commits", least=0)
    parser.output(None, "the page; when all are checked Results/kernels.md")


def run(options):
    is_turn = options.turn is not None
    chosen = [RELEASES[options.turn % len(RELEASES)]] if is_turn else options.releases or RELEASES
    is_whole = not is_turn and not options.releases and len(options.parts) == len(judge.PARTS)
    output = options.output or (str(ROOT / "Results/kernels.md") if is_whole else None)
    sections, wrong = [], []
    with workbench("record", "report", "fold", "budget", "doctor") as bench:
        shutil.copy(ROOT / "Tests/Workloads/every_mode.sh", bench.workloads)
        trace_here(bench, options.parts, with_python=not is_turn)
        for release in chosen:
            section, is_right = check_release(bench, release, options.parts, is_turn)
            say(section)
            sections.append(f"## Debian {release}\n\n{section}")
            if not is_right:
                wrong.append(release)
        if output:
            beside = [first_line(["qemu-system-x86_64", "--version"]), first_line(["strace", "-V"])]
            write_page(output, compose("The kernels of Debian", INTRODUCTION, options, *sections, beside=beside))
    if wrong:
        raise Failure(f"not as it must be: {' '.join(wrong)}")


def trace_here(bench, parts, with_python):
    """What the workloads do, by strace on this machine: as root, and as the user without rights."""
    os.chmod(bench.scratch, 0o711)
    user = bench.scratch / "nobody"
    user.mkdir()
    os.chown(user, NOBODY, NOBODY)
    if "recorded" in parts:
        for name, words in workloads(bench, bench.python if with_python else None).items():
            trace([], bench.scratch / f"lives-{name}.strace", name, words)
    if "unprivileged" in parts and with_python:
        for name, words in workloads(bench, USER_PYTHON).items():
            trace([*OWN_TMP, *AS_NOBODY], user / f"user-{name}.strace", name, words)
            shutil.copy(user / f"user-{name}.strace", bench.scratch)


def workloads(bench, python):
    """With a Python what takes long."""
    modes = bench.program("every_mode.sh")
    found = {
        "creations": [modes, bench.program("creations")],
        "executions": [modes, bench.program("executions")],
        "waits": [modes, bench.program("waits")],
        "dash": [modes, "dash", bench.program("lifecycles.sh")],
        "make": ["make", "-s", "-j4", "-f", bench.program("lifecycles.mk")],
    }
    if python:
        found["python"] = [modes, python, bench.program("lifecycles.py")]
        found["bash"] = [modes, "bash", bench.program("lifecycles.sh")]
        found["go"] = [bench.program("spawn_loop_go"), GO_SPAWNS]
    return found


def trace(place, log, name, words):
    environment = {"PATH": GUEST_PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "SPAWNSCOPE_CGROUP": cgroup_tree(), "SPAWNSCOPE_PAUSES": "10"}
    environment["LEFT_OUT"] = LEFT_OUT if name == "waits" else ""
    strace = [shutil.which("strace"), "-f", "-ttt", "-s", 65536, "-o", log, "-e", f"trace={TRACED}", "--", *words]
    processes.run([*place, *strace], env=environment)


def check_release(bench, release, parts, is_turn):
    """What is seen on its kernel as Markdown, and whether all of it is as it must be."""
    kernel = fetch_kernel(release)
    say(f"Debian {release}: Linux {kernel.version}")
    guest = pathlib.Path(__file__).with_name("kernel_guest.sh")
    words = ["bash", guest, bench.spawnscope, bench.workloads, bench.python, TRACED, ",".join(parts), *([] if is_turn else ["all"])]
    for attempt in range(ATTEMPTS):
        shared = bench.scratch / f"{release}-{attempt}"
        shared.mkdir()
        for log in bench.scratch.glob("*.strace"):
            shutil.copy(log, shared)
        start = time.monotonic()
        emulate(kernel, bench.scratch, shared, SECONDS_IN_TURN if is_turn else SECONDS, shlex.join(map(str, words)))
        if (shared / "complete").exists():
            say(f"ran for {time.monotonic() - start:.0f} s")
            return judge.judge(bench.spawnscope, shared, parts)
        console = text_of(shared / "console")
        say("\n".join(console.splitlines()[-20:]))
        if not any(fault in console for fault in EMULATORS_FAULTS):
            break
    raise Failure(f"Linux {kernel.version}: the emulated machine did not finish")
