"""What checks and benchmarks work with: the program, the workloads, a directory on a disk, and recordings there."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from bench import installing
from bench.failure import NO_INPUT, NO_PERMISSION, UNAVAILABLE, Failure
from bench.machine import ROOT
from bench.processes import output_of, run, say
from bench.summary import Summary, program_count


@dataclass
class Recording:
    """What one recording left: its status, the session, and what was printed by the command and by the recorder."""

    status: int
    session: pathlib.Path
    printed: str
    summary: Summary

    @property
    def program_count(self):
        return program_count(self.printed)


class Workbench:
    def __init__(self, scratch, spawnscope=None, workloads=None):
        self.scratch = scratch
        self.spawnscope = spawnscope
        self.workloads = workloads
        # The interpreter itself: a version manager's shim would start processes of its own and be counted.
        self.python = sys.executable
        # record's own choice unless a check names one.
        self.recorder = None

    def program(self, name):
        """The path of a workload."""
        return os.path.join(self.workloads, name)

    def has(self, name):
        """Whether a workload could be built here."""
        return os.access(self.program(name), os.X_OK)

    def by_each(self, recorders):
        """Sets one recorder after the other."""
        for self.recorder in recorders:
            yield self.recorder

    def record(self, *words, options=(), name="session", must=False, **settings):
        """Records a command into a session, in the place of the one before."""
        session = self.scratch / name
        for path in self.scratch.glob(f"{name}*"):
            path.unlink()
        recorder = ["--recorder", self.recorder] if self.recorder else []
        done = run([self.spawnscope, "record", "-o", session, *recorder, *options, "--", *words], **settings)
        recording = Recording(done.returncode, session, done.stdout, Summary(done.stderr))
        if must and done.returncode:
            say(done.stderr)
            raise Failure(f"could not record: {' '.join(map(str, words))}")
        return recording

    def ask(self, *words):
        """What a subcommand prints, which must succeed."""
        return output_of([self.spawnscope, *words])

    def report(self, session, *options):
        return json.loads(self.ask("report", "--format", "json", *options, session))


@contextlib.contextmanager
def workbench(*commands, purpose="test", root=True, program=True, workloads=True):
    """Installs and builds what is missing. `commands` are subcommands that the program must have; the directory is removed in the
    end unless KEEP is set."""
    if root:
        need_root()
    installing.call("install_dependencies", purpose)
    spawnscope = need_spawnscope(commands) if program else None
    built = build_workloads() if workloads else None
    with scratch_directory() as scratch:
        yield Workbench(scratch, spawnscope, built)


def need_root():
    if os.geteuid() != 0:
        raise Failure(f"recording needs root: sudo -E python3 Scripts/bench {' '.join(sys.argv[1:])}", NO_PERMISSION)


def need_spawnscope(commands=()):
    """Builds spawnscope in release mode unless SPAWNSCOPE names a program already."""
    named = os.environ.get("SPAWNSCOPE") or installing.release_program("spawnscope")
    try:
        path = os.path.realpath(named, strict=True)
    except OSError:
        raise Failure(f"SPAWNSCOPE names no file: {named}", NO_INPUT) from None
    if not os.access(path, os.X_OK):
        raise Failure(f"not a program: {path}", NO_INPUT)
    for command in commands:
        if run([path, command, "--help"]).returncode:
            raise Failure(f"{path} has no {command} command: build this version, or name another by SPAWNSCOPE=PATH", UNAVAILABLE)
    return path


def build_workloads():
    """Builds Tests/Workloads, into WORKLOADS if that is set."""
    directory = os.environ.get("WORKLOADS") or str(ROOT / ".build/workloads")
    done = subprocess.run([ROOT / "Scripts/build-workloads.sh", directory], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise Failure("the workloads could not be built", done.returncode)
    return os.path.realpath(directory)


@contextlib.contextmanager
def scratch_directory(place=None):
    """On a disk unless a place is given, since recordings are large."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="spawnscope.", dir=place or os.environ.get("TMPDIR") or "/var/tmp"))
    try:
        yield path
    finally:
        if os.environ.get("KEEP"):
            say(f"kept: {path}")
        else:
            shutil.rmtree(path, ignore_errors=True)


def size_of(path):
    """Of a file in bytes; 0 where there is none."""
    path = pathlib.Path(path)
    return path.stat().st_size if path.exists() else 0


def fill_page_cache(path):
    """Reads a file, so that who reads it next finds it in memory as far as there is room."""
    with open(path, "rb") as file:
        while file.read(1 << 22):
            pass
