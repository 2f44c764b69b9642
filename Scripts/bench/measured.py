"""Runs of programs by Tests/Workloads/measure: wall and CPU time, the largest resident set and the number of processes of each."""

import json
import os
import shlex
import signal
import statistics
import subprocess

from bench.failure import Failure
from bench.processes import say


def measure(bench, words, seconds=None):
    """One run, without what it prints; its figures, or nothing if it fails or does not end in time."""
    result = bench.scratch / "measured.json"
    result.unlink(missing_ok=True)
    words = [bench.program("measure"), str(result), *map(str, words)]
    with open(bench.scratch / "measured.errors", "w+b") as errors:
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": errors, "start_new_session": True}
        process = subprocess.Popen(words, **settings)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        if process.returncode or not result.exists():
            errors.seek(0)
            say(errors.read().decode(errors="replace"))
            return None
    (run,) = read(result)
    return run


def must_measure(bench, words):
    run = measure(bench, words)
    if run is None:
        raise Failure(f"failed: {shlex.join(map(str, words))}")
    return run


def into(path, *words):
    """A command whose output goes to a file."""
    return ["sh", "-c", 'exec "$@" >"$0"', path, *words]


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def seconds(runs):
    """The median of the runs' wall times, in seconds."""
    return statistics.median(run["wall_s"] for run in runs)


def seconds_and_range(runs):
    times = [run["wall_s"] for run in runs]
    return f"{seconds(runs):.2f} ({min(times):.2f}–{max(times):.2f})"


def peak_mebibytes(runs):
    """The largest resident set of any run."""
    return max(run["peak_rss_kib"] for run in runs) / 1024
