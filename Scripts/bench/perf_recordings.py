"""Recordings of the whole machine by perf record, of a size."""

import signal
import subprocess
import time

from bench.processes import running
from bench.workbench import size_of


def record_by_perf(bench, path, mebibytes, dwarf=False, seconds=240):
    """cpu-clock samples of spawn loops and a busy program, until the file has the size; whether there are any."""
    loads = [[bench.program("two_loops"), "600s"], [bench.program("busy"), "600000"]]
    how = ["-F", "4000", "--call-graph", "dwarf,8192", "-m", "16M"] if dwarf else ["-F", "50000", "-g"]
    words = ["perf", "record", "-q", "-N", "-a", "-e", "cpu-clock", *how, "-o", str(path)]
    with running(*loads):
        recorder = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + seconds
        try:
            while recorder.poll() is None and time.monotonic() < end and size_of(path) < mebibytes << 20:
                time.sleep(0.05)
        finally:
            if recorder.poll() is None:
                recorder.send_signal(signal.SIGTERM)
            recorder.wait()
    return size_of(path) > 0
