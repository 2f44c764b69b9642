"""What a row measures with: Spawnscope's recordings and reports of a workload."""

import json
import os
import subprocess

from bench import rounds
from bench.failure import Failure
from bench.processes import timed, wait_until_gone


class Failed(Exception):
    """A row could not be measured; its text is one line."""


class Context:
    """Where a row records: the tools, a directory of its own, and how much is to be done."""

    def __init__(self, bench, programs, sources, directory, quick):
        self.spawnscope = bench.spawnscope
        self.programs = programs
        self.sources = sources
        self.quick = quick
        self.rounds = 1 if quick else 5
        self.directory = directory
        self.evidence = []
        self.pictures = []

    def program(self, name):
        path = os.path.join(self.programs, name)
        if not os.access(path, os.X_OK):
            # A program's name ends with the Go that built it, where that is not the workloads' own.
            version = name.rpartition("_go")[2]
            missing = "" if "_go" not in name else f": there is no Go {version}" if version[:1].isdigit() else ": there is no Go"
            raise Failed(f"{name} was not built{missing}")
        return path

    def count(self, full, quick):
        return quick if self.quick else full

    def run(self, words, environment=None, statuses=(0,)):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, cwd=self.directory)
        if done.returncode not in statuses:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Failed(f"{os.path.basename(words[0])} {words[1]} ended with {done.returncode}: {last}")
        return done.stdout

    def wait_for_closing(self):
        """Until the last recording's events are closed, which takes up to a second and goes on behind the recorder's end."""
        wait_until_gone(self.spawnscope)

    def cpu_time(self, command):
        """The CPU time of a command that is not recorded, in nanoseconds, by the kernel's account of it."""
        try:
            return round(timed(command, cwd=self.directory).cpu * 1e9)
        except Failure as failure:
            raise Failed(str(failure)) from None

    def record(self, name, command, options=(), environment=None):
        """A session of a command, and its report as JSON with every spawn."""
        path = os.path.join(self.directory, name + ".data")
        self.run([self.spawnscope, "record", "-q", "-o", path, *options, "--", *command], environment)
        report = json.loads(self.run([self.spawnscope, "report", "--format", "json", "--spawns", path]))
        lost = report["session"]["lost"]
        if lost:
            raise Failed(f"{name}: {lost} events were lost")
        report["path"] = path
        return report

    def text(self, *words, statuses=(0,)):
        return self.run([self.spawnscope, *words], None, statuses)

    def status(self, *words):
        """A subcommand's exit status, and what it said."""
        done = subprocess.run([self.spawnscope, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.directory)
        return done.returncode, done.stdout + done.stderr

    def show(self, command, lines):
        """An excerpt for the page: the command as a reader would type it, and lines of what it said."""
        here = [line.replace(self.programs + "/", "./").replace(self.directory + "/", "") for line in lines]
        self.evidence.append({"command": command, "lines": here})

    def draw(self, name, text, svg):
        """A picture for the page, an SVG file; `text` is what is read where it is not seen."""
        self.pictures.append({"name": name, "text": text, "svg": svg})

    def show_comparison(self, program, count, base, head, runs):
        """What `compare` says of two variants of a program that are recorded in turns."""

        def record(variant, number):
            path = os.path.join(self.directory, f"compare-{variant}{number}.data")
            self.run([self.spawnscope, "record", "-q", "-o", path, "--", program, variant, str(count)])
            return path

        sessions = rounds.interleaved((base, head), record, runs)
        words = ["compare", "--threshold", "20%", "--base", *sessions[base], "--head", *sessions[head]]
        text = self.text(*words, statuses=(0, 1, 3)).splitlines()
        start = next((index for index, line in enumerate(text) if line.startswith("GATES")), 0)
        self.show(f"spawnscope compare --threshold 20% --base {base}*.data --head {head}*.data", text[start : start + 8])

    def interleaved(self, measure, variants):
        """Measures each variant in turns; the results by variant, a list over the rounds."""
        return rounds.interleaved(variants, measure, self.rounds)
