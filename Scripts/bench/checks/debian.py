"""Debian's packages of other releases than the machine's own; needs apt. Lists, packages and what is made of them are kept in CACHE: the
machine's own sources stay as they are.
"""

import glob
import os
import pathlib
import re
import subprocess

from bench.failure import UNAVAILABLE, Failure
from bench.installing import CACHE as OWN_CACHE

CACHE = pathlib.Path(OWN_CACHE) / "debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def mirror():
    """The mirror that this machine's apt asks."""
    for path in [*glob.glob("/etc/apt/sources.list.d/*.sources"), "/etc/apt/sources.list"]:
        if os.path.exists(path):
            found = mirror_in(pathlib.Path(path).read_text(errors="replace"))
            if found:
                return found
    raise Failure("no mirror of Debian in /etc/apt: name one there", UNAVAILABLE)


def mirror_in(text):
    found = re.search(r"(?:https?|file)://[^\s]+/debian(?=/?(?:\s|$))", text)
    return found[0] if found else None


class Release:
    """One release; what cannot be fetched is a failure."""

    def __init__(self, name):
        self.name, self.directory = name, CACHE / name
        for part in ("lists/partial", "archives/partial"):
            (self.directory / part).mkdir(parents=True, exist_ok=True)
        sources = self.directory / "sources.list"
        sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {name} main\n")
        settings = {
            "Dir::Etc::SourceList": sources,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": self.directory / "lists",
            "Dir::Cache": self.directory,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": 2,
            "APT::Update::Error-Mode": "any",
        }
        self.options = ["-q", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))]
        if self.get("update").returncode:
            raise Failure(f"the lists of Debian {name} cannot be fetched from {mirror()}", UNAVAILABLE)

    def get(self, *words, **options):
        # What it says goes to the terminal, since it may take long.
        return subprocess.run(["apt-get", *self.options, *words], stdin=subprocess.DEVNULL, stdout=2, **options)

    def ask(self, *words):
        """What apt-cache says; nothing of what it does not know."""
        done = subprocess.run(["apt-cache", *self.options, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else ""

    def fetch(self, directory, packages):
        """The packages themselves, checked by apt."""
        directory.mkdir(parents=True, exist_ok=True)
        if self.get("download", *packages, cwd=directory).returncode:
            raise Failure(f"cannot be fetched: {' '.join(packages)}", UNAVAILABLE)
