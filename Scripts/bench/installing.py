"""What Scripts/install-dependencies.sh installs and knows, for Python."""

import os
import subprocess

from bench.failure import Failure
from bench.machine import ROOT

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME") or "/root", ".cache"), "spawnscope")


def call(*words, **variables):
    """Calls a function of that script, or prints one of its variables by `printf`; returns what it prints."""
    command = ["bash", "-euo", "pipefail", "-c", '. "$1"; shift; "$@"', "bench", str(ROOT / "Scripts/install-dependencies.sh"), *words]
    environment = {**os.environ, **{name: str(value) for name, value in variables.items()}}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment)
    if done.returncode:
        raise Failure(status=done.returncode)  # it has told why
    return done.stdout.strip()


def variable(name):
    return call("eval", f"echo ${name}")


def tries(*words, **variables):
    """Whether a function of that script succeeds."""
    try:
        call(*words, **variables)
    except Failure:
        return False
    return True


def go_program():
    """The Go to use; nothing where there is none."""
    return call("go_program")


def release_program(product):
    """Builds a product in release mode; its path."""
    return call("release_program", product)
