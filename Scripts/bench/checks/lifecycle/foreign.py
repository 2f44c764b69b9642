"""The programs of others that are run under a strace that is recorded, and our own that need a compiler for 32 bits. What is not installed
and cannot be had is left out, and said.
"""

import os
import pathlib
import platform
import shutil
from dataclasses import dataclass

from bench import installing
from bench.processes import first_line, output_of, run

PROGRAMS = pathlib.Path(__file__).parent / "programs"


def check_programs(bench, comparison):
    installing.call("install_lifecycle_programs")
    # Some of them go on as another user.
    os.chmod(bench.scratch, 0o711)
    foreign = Foreign(bench, comparison)
    foreign.check_java()
    foreign.check_node()
    foreign.check_python_processes()
    foreign.check_script("git", "git rebase", "git rebase", "rebase.sh", version=["git", "--version"])
    foreign.check_script("dpkg-deb", "dpkg", "dpkg", "package.sh")
    foreign.check_script(
        "nginx", "nginx (Debian's nginx-light, which also starts one)", "nginx: start, reload, a worker killed, stop", "nginx.sh",
        version=["nginx", "-v"])  # fmt: skip
    foreign.check_postgresql()
    foreign.check_script("bwrap", "bubblewrap", "bubblewrap", "sandbox.sh", version=["bwrap", "--version"], takes_directory=False)
    foreign.check_denied()
    foreign.check_32_bits()


@dataclass
class Foreign:
    bench: object
    comparison: object

    def check(self, name, words):
        self.comparison.check_same(name, words, must_succeed=True)

    def is_there(self, program, what):
        if shutil.which(program):
            return True
        self.comparison.leave_out(f"{what}, since there is no {program}")
        return False

    def add_version(self, text):
        self.comparison.versions.append(text)

    def compile(self, name, source, *options):
        """The program, or nothing where it cannot be built."""
        program = str(self.bench.scratch / name)
        return program if run(["cc", *options, "-O1", "-o", program, PROGRAMS / source]).returncode == 0 else None

    def check_script(self, program, what, name, script, version=None, takes_directory=True):
        if not self.is_there(program, what):
            return
        if version:
            self.add_version(first_line(version).rpartition("version: ")[2])
        self.check(name, [PROGRAMS / script, *(["{}"] if takes_directory else [])])

    def check_java(self):
        if not self.is_there("javac", "Java"):
            return
        classes = self.bench.scratch / "classes"
        output_of(["javac", "-d", classes, PROGRAMS / "Launches.java"])
        self.add_version("Java " + first_line(["javac", "-version"]).removeprefix("javac "))
        for mechanism in ("POSIX_SPAWN", "VFORK", "FORK"):
            words = ["java", "-cp", classes, f"-Djdk.lang.Process.launchMechanism={mechanism}", "Launches"]
            self.check(f"Java: {mechanism}", words)

    def check_node(self):
        if self.is_there("node", "Node"):
            self.add_version("Node " + first_line(["node", "--version"]))
            self.check("Node", ["node", PROGRAMS / "launches.js"])

    def check_python_processes(self):
        for method in ("fork", "spawn", "forkserver", "subprocess"):
            self.check(f"Python: processes, {method}", [self.bench.python, PROGRAMS / "processes.py", method])

    def check_postgresql(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
        if not found:
            self.comparison.leave_out("PostgreSQL, since there is no initdb (Debian's postgresql, which also starts a server)")
            return
        programs = found[-1].parent
        self.add_version(first_line([programs / "postgres", "--version"]))
        self.check("PostgreSQL: initdb, start, queries, stop", [PROGRAMS / "postgresql.sh", "{}", programs])

    def check_denied(self):
        program = self.compile("denied", "denied.c")
        for mode in ("exec-errno", "exec-kill", "exec-trap", "fork-errno", "fork-kill", "wait-errno", "limit"):
            self.check(f"denied: {mode}", [program, mode])

    def check_32_bits(self):
        if platform.machine() != "x86_64":
            return
        modes = ("old-fork", "old-wait", "old-exec", "old-failure", "old-exit")
        program = self.compile("compat64", "compat32.c")
        for mode in modes:
            self.check(f"int $0x80: {mode}", [program, mode])
        program = self.compile("compat32", "compat32.c", "-m32")
        if not program:
            self.comparison.leave_out("32-bit programs, since nothing builds one")
            return
        for mode in ("library", *modes):
            self.check(f"32-bit: {mode}", [program, mode])
        self.check("a 64-bit shell that starts 32-bit programs", [PROGRAMS / "mixed.sh", program])
