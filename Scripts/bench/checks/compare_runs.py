"""Comparisons of a spawn loop with itself, while a load starts and stops at random, and with slower ones.

Each is `spawnscope compare --runs N` of two scripts. The slower scripts:

    environment   variables as large as makes the overhead larger by the percentage, which is measured on the idle machine
    misses        as many directories without the program before the one that has it in PATH, likewise
    shell         the percentage of the spawns have a shell in between
"""

import contextlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import time

from bench import processes
from bench.failure import Failure

KINDS = ("environment", "misses", "shell")
# They change no count, so that times have to tell.
BY_TIMES = ("environment",)
# A variable is at most 32 pages, less the name (linux/binfmts.h); several make up more.
PIECE = 100_000


def load():
    """Busy for up to two seconds, and idle for up to two, for ever: spawns and arithmetic. Ends with its parent."""
    parent = os.getppid()
    while os.getppid() == parent:
        end = time.monotonic() + random.uniform(0.1, 2)
        spawns = random.random() < 0.5
        while time.monotonic() < end:
            if spawns:
                subprocess.run(["/bin/true"], check=False)
            else:
                sum(number * number for number in range(20_000))
        time.sleep(random.uniform(0.1, 2))


@contextlib.contextmanager
def busy(wanted):
    child = os.fork() if wanted else None
    if child == 0:
        try:
            load()
        finally:
            os._exit(0)
    try:
        yield
    finally:
        if child:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)


class Loops:
    """Scripts that run the loop, and comparisons of two of them."""

    def __init__(self, bench, count):
        self.bench, self.count = bench, count
        self.scratch = bench.scratch
        self.loop = bench.program("spawn_loop")
        # By kind: the size that makes the overhead twice as large.
        self.slopes = {}

    def script(self, name, kind=None, size=0, costs=True):
        """A script that runs the loop; `size` is bytes, directories or percent, by the kind. Without `costs` it does the same, for nothing."""
        count = self.count
        loop = f"exec {self.loop} -m posix_spawnp"
        lines = ["PATH=/bin"]
        if kind == "environment":
            pieces = [min(PIECE, size - start) for start in range(0, size, PIECE)]
            lines += [f"PAD{n}=$(head -c {piece} /dev/zero | tr '\\0' x)" for n, piece in enumerate(pieces)]
            lines += [f"export PAD{n}" for n, _ in enumerate(pieces) if costs]
        elif kind == "misses" and costs:
            lines = ["PATH=" + ":".join([f"/nonexistent/{n}" for n in range(size)] + ["/bin"])]
        elif kind == "shell":
            other = count * size // 100
            count -= other
            lines += [f"{self.loop} -m {'system' if costs else 'posix_spawn'} {other} >/dev/null"]
        path = self.scratch / f"{name}.sh"
        path.write_text("\n".join(["export PATH", *lines, f"{loop} {count} >/dev/null"]) + "\n")
        return path

    def compare(self, base, head, runs):
        directory = self.scratch / "sessions"
        shutil.rmtree(directory, ignore_errors=True)
        command = [self.bench.spawnscope, "compare", "--runs", str(runs), "--output-dir", str(directory), "--format", "json"]
        command += ["--base-command", f"/bin/sh {base}", "--head-command", f"/bin/sh {head}"]
        done = processes.run(command)
        if done.returncode not in (0, 1, 3):
            raise Failure(f"status {done.returncode} of compare: {done.stderr}")
        report = json.loads(done.stdout)
        # The same sessions, given as files, are in turns again.
        times = self.again(directory, ["--gate", "none", "--gate", "overhead", "--gate", "duration"])
        return {
            "status": done.returncode,
            "by_times": times["exit_status"],
            "worse": [gate["metric"] for gate in report["gates"] if gate["verdict"] == "worse"],
            "problems": [problem["kind"] for problem in report["problems"] if problem.get("blocks")],
            "values": {
                gate["metric"]: [gate[side]["values"] for side in ("base", "head")]
                for gate in report["gates"]
                if gate["metric"] in ("overhead", "duration")
            },
        }

    def again(self, directory, more):
        sides = {side: sorted(str(path) for path in directory.glob(f"{side}-*.data")) for side in ("base", "head")}
        command = [self.bench.spawnscope, "compare", "--format", "json", "--allow-different-machines", *more]
        return json.loads(processes.run([*command, "--base", *sides["base"], "--head", *sides["head"]]).stdout)

    def overhead(self, path):
        """Nanoseconds a spawn of one run."""
        session = self.bench.record("/bin/sh", path, name="overhead", must=True).session
        phases = self.bench.report(session, "--program", "*true")["phases"]
        processes.wait_until_gone(self.bench.spawnscope)
        return sum(phases[name]["p50_ns"] for name in ("create", "wake", "prepare", "search", "exec") if name in phases)

    def more(self, kind, size):
        """The part by which the overhead is larger, the median of runs beside runs without."""
        base, head = self.script("bare", kind, size, costs=False), self.script("trial", kind, size)
        return statistics.median(self.overhead(head) / self.overhead(base) for _ in range(25)) - 1

    def size(self, kind, percent):
        """What makes the overhead larger by so much: up to a half more it is a line over the size, whose slope a large size tells best."""
        if kind == "shell":
            return percent
        if kind not in self.slopes:
            large = 90_000 if kind == "environment" else 25
            self.slopes[kind] = large / self.more(kind, large)
        return max(1, round(self.slopes[kind] * percent / 100))
