"""Other releases of Debian than the machine's own record alike, each in a directory of its own (debootstrap) on this machine's kernel: the
lifecycle workloads, built by their gcc and with their Python, shells, make and Go, against their strace; and their perf opens the session,
and counts as many creations. Exits with 69 where Debian's mirror cannot be reached.

The program comes with its own libraries and loader: it needs a newer libc than the oldest has. Packages are kept in
${XDG_CACHE_HOME:-~/.cache}/spawnscope/debian, the directories are removed.
"""

import pathlib
import re
import shutil
import subprocess

from bench import processes
from bench.checks.debian import CACHE, KEYRING, mirror
from bench.failure import UNAVAILABLE, Failure
from bench.machine import ROOT
from bench.page import compose, table, write_page
from bench.processes import output_of, say
from bench.strace import TRACED, TRACED_WHOLE, clock_difference, same_recording, two_runs
from bench.strace.verdict import HEAD
from bench.summary import samples_of
from bench.workbench import workbench

RELEASES = ("bullseye", "trixie", "sid")
PACKAGES = "python3,bash,make,gcc,libc6-dev,strace,linux-perf,golang-go,perl"
# In a mount namespace of its own: nothing of it is left.
ENTER = """
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
there=$1
shift
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot "$there" "$@"
"""
LAUNCHER = """#!/bin/sh
exec /opt/spawnscope/lib/ld-linux-x86-64.so.2 --library-path /opt/spawnscope/lib /opt/spawnscope/program "$@"
"""
SOURCES = ("creations.c", "executions.c", "endings.c", "waits.c", "*.h", "lifecycles.*", "every_mode.sh", "spawn_loop.go")

INTRODUCTION = """
Each in a directory of its own on this kernel, with its own gcc, Python, shells, make and Go; the program brings its libraries. All modes
of a workload are one session, and run again under that release's `strace`: *equal* as in `python3 Scripts/bench check lifecycle`; Python's are one run, of
which both tell, where that release's strace can tell pids of other namespaces. Its `perf script` opens each session and prints as many
creations as it holds.
"""
SAME_RECORDING = """
## The same recording

`record -- strace … -- PROGRAM`: each spawn is looked up by its pid, and its fields are compared.
"""


def add_options(parser):
    parser.some_of("releases", RELEASES, "all without")
    parser.output(None, "the page; when all are checked Results/distributions.md")


def run(options):
    output = options.output or (None if options.releases else str(ROOT / "Results/distributions.md"))
    same_head = ["release", "workload", "spawns", "equal", "not known", "strace cannot decide", ""]
    sections, same_rows, different = [], [], 0
    with workbench("record", "report", "info", workloads=False) as bench:
        for name in options.releases or RELEASES:
            say(f"Debian {name}")
            release = Distribution(bench, name)
            release.install()
            release.bring_program()
            release.run_workloads()
            release.judge()
            sections.append(release.section)
            say(release.section)
            same_rows += release.same_rows
            different += release.different
            shutil.rmtree(release.root)
        if output:
            same = f"{SAME_RECORDING}\n{table(same_head, same_rows)}"
            write_page(output, compose("Other releases of Debian", INTRODUCTION, options, *sections, same))
    if different:
        raise Failure(f"{different} differ")


class Distribution:
    def __init__(self, bench, name):
        self.bench, self.name, self.root = bench, name, bench.scratch / name
        self.rows, self.same_rows, self.different = [], [], 0

    def install(self):
        (CACHE / "packages").mkdir(parents=True, exist_ok=True)
        settings = ["--variant=minbase", f"--keyring={KEYRING}", f"--cache-dir={CACHE / 'packages'}", f"--include={PACKAGES}"]
        done = processes.run(["debootstrap", *settings, self.name, self.root, mirror()])
        if done.returncode:
            say("\n".join(done.stdout.splitlines()[-5:]))
            raise Failure(f"Debian {self.name} cannot be installed", UNAVAILABLE)

    def bring_program(self):
        """The program with its libraries, and the workloads' sources."""
        place, workloads = self.root / "opt/spawnscope", self.root / "opt/workloads"
        for directory in (place / "lib", workloads, self.root / "results"):
            directory.mkdir(parents=True)
        shutil.copy(self.bench.spawnscope, place / "program")
        for library in re.findall(r"/[^ )\n]+", output_of(["ldd", self.bench.spawnscope])):
            shutil.copy(library, place / "lib")
        (place / "spawnscope").write_text(LAUNCHER)
        (place / "spawnscope").chmod(0o755)
        guest = [pathlib.Path(__file__).with_name("distribution_guest.sh"), pathlib.Path(clock_difference.__file__)]
        for path in [*(path for source in SOURCES for path in (ROOT / "Tests/Workloads").glob(source)), *guest]:
            shutil.copy(path, workloads)

    def run_workloads(self):
        guest = ["bash", "/opt/workloads/distribution_guest.sh", TRACED, TRACED_WHOLE]
        words = ["unshare", "-m", "--", "sh", "-euc", ENTER, "sh", self.root, *guest]
        done = processes.run(words, stderr=subprocess.STDOUT)
        if done.returncode or not (self.root / "results/complete").exists():
            say("\n".join(done.stdout.splitlines()[-20:]))
            raise Failure(f"Debian {self.name}: the workloads could not be run")

    def judge(self):
        results = self.root / "results"
        for session in sorted(results.glob("*.data")):
            name = session.stem
            verdict = two_runs.compare(self.report(session, self.bench.scratch / "report.json"), session.with_suffix(".strace"))
            self.settle(name, verdict)
            self.rows.append([name, *verdict.row])
            self.judge_creations(name, session, session.with_suffix(".perf"))
        for directory in sorted(results.glob("*.same")):
            name = directory.stem
            self.report(directory / "session", directory / "report.json")
            verdict = same_recording.compare([directory])
            self.settle(f"{name}, the same recording", verdict)
            self.same_rows.append([self.name, name, *verdict.row])
            self.judge_creations(name, directory / "session", directory / "perf")
        if not self.rows:
            raise Failure(f"Debian {self.name}: nothing was recorded")

    def report(self, session, path):
        path.write_text(self.bench.ask("report", "--format", "json", "--spawns", session))
        return path

    def settle(self, name, verdict):
        self.different += not verdict.is_good
        for text in verdict.texts[:20] if not verdict.is_good else []:
            say(f"    {self.name}, {name}: {text}")

    def judge_creations(self, name, session, counted):
        """A row on what their perf counted."""
        seen, wanted = counted.read_text().strip(), samples_of(self.bench.ask("info", session), "spawnscope:spawn")
        is_equal = seen == str(wanted)
        self.different += not is_equal
        row = [f"{name}, `perf script`", f"{seen} of {wanted} creations", *[""] * len(HEAD)]
        self.rows.append([*row, "equal" if is_equal else "different"])

    @property
    def section(self):
        versions = (self.root / "results/versions").read_text().strip()
        return f"## Debian {self.name}\n\n{versions}\n\n{table(['workload', *HEAD, 'lost', ''], self.rows)}"
