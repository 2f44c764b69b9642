"""Modules that need Selenium run in Debian's own Python."""

import os
import subprocess

from bench.machine import ROOT

PYTHON = "/usr/bin/python3"


def run_module(name, *words, seconds=300):
    """The status; a browser that hangs ends it, too."""
    command = ["timeout", "--kill-after=10", str(seconds), PYTHON, "-m", name, *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "Scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, stdin=subprocess.DEVNULL, env=environment).returncode
