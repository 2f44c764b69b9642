"""Where and of what something is measured."""

import os
import pathlib
import platform
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def measured_line():
    """When, what and where was measured, in one line."""
    return f"{today()}, {revision_line()}, {machine_line()}"


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def machine_line():
    """Kernel, processor, number of CPUs, memory."""
    with open("/proc/cpuinfo", encoding="utf-8") as cpus, open("/proc/meminfo", encoding="utf-8") as memory:
        return describe(os.uname().release, len(os.sched_getaffinity(0)), cpus.read(), memory.read())


def describe(release, count, cpus, memory):
    processor = re.search(r"^model name\s*: (.*)$", cpus, re.MULTILINE)
    kibibytes = int(re.search(r"^MemTotal:\s*(\d+)", memory, re.MULTILINE)[1])
    return f"Linux {release.split('-')[0]}, {count} × {processor[1] if processor else platform.machine()}, {round(kibibytes / 2**20)} GiB"


def revision_line():
    """The commit, and whether the tree differs from it."""

    def git(*words):
        return subprocess.run(["git", "-C", str(ROOT), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    commit = git("rev-parse", "--short=12", "HEAD")
    if commit.returncode:
        return "not a git checkout"
    changed = git("diff", "--quiet", "HEAD", "--", "Sources", "Package.swift").returncode
    return commit.stdout.strip() + (" with changes" if changed else "")
