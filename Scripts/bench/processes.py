"""Other programs: runs them, waits for them, and tells what they cost."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from bench.failure import Failure


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(words, **options):
    """Without standard input; what it prints is kept as text."""
    words = [str(word) for word in words]
    settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    if options.get("capture_output"):
        del settings["stdout"], settings["stderr"]
    return subprocess.run(words, **{**settings, **options})


def output_of(words, **options):
    """What a program prints, which must succeed."""
    done = run(words, **options)
    if done.returncode:
        raise Failure(f"status {done.returncode} of {shlex.join(map(str, words))}: {(done.stderr or '').strip()[-300:]}")
    return done.stdout


def first_line(words):
    """The first line that a program prints anywhere, such as its version; nothing where there is no such program."""
    try:
        done = run(words, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next((line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()), "")


@dataclass
class Usage:
    """What a program took with the children that it waited for: seconds and KiB."""

    wall: float
    cpu: float
    peak_kib: int


def timed(words, **options):
    words = [str(word) for word in words]
    settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    start = time.monotonic()
    process = subprocess.Popen(words, **settings)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failure(f"status {process.returncode} of {shlex.join(words)}")
    return Usage(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def wait_until_gone(program, seconds=30):
    """spawnscope leaves a process behind that closes the events: it must not run beside what is measured next."""
    end = time.monotonic() + seconds
    while is_running(str(program)) and time.monotonic() < end:
        time.sleep(0.02)


def is_running(program):
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            # It may be gone, or a kernel thread.
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{entry.name}/exe") == program:
                    return True
    return False


@contextlib.contextmanager
def running(*commands, **options):
    """Programs that run meanwhile, and are killed."""
    settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    processes = [subprocess.Popen([str(word) for word in words], **settings) for words in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextlib.contextmanager
def time_limit(seconds, what):
    """For steps that no limit of their own ends."""

    def end(*_):
        raise Failure(f"{what} took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
