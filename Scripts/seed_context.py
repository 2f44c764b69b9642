"""What a row of seed_rows.py measures with: Spawnscope's recordings and reports of a workload."""

import json
import os
import statistics
import subprocess

from benchmark_sessions import wait_until_gone


class Failed(Exception):
    """A row could not be measured; its text is one line."""


class Context:
    """Where a row records: the tools, a directory of its own, and how much is to be done."""

    def __init__(self, options, directory):
        self.spawnscope = options.spawnscope
        self.programs = options.programs
        self.sources = options.sources
        self.quick = options.quick
        self.rounds = 1 if options.quick else 5
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
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, cwd=self.directory)
        if done.returncode not in statuses:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Failed(f"{os.path.basename(words[0])} {words[1]} ended with {done.returncode}: {last}")
        return done.stdout

    def wait_for_closing(self):
        """Until the last recording's events are closed, which takes up to a second and goes on behind the recorder's end."""
        wait_until_gone(self.spawnscope)

    def cpu_time(self, command):
        """The CPU time of a command that is not recorded, in nanoseconds, by the kernel's account of it."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=self.directory)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Failed(f"{os.path.basename(command[0])} ended with {process.returncode}")
        return round((usage.ru_utime + usage.ru_stime) * 1e9)

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
        done = subprocess.run(
            [self.spawnscope, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.directory)
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
        sessions = {base: [], head: []}
        for number in range(runs):
            for variant in (base, head) if number % 2 == 0 else (head, base):
                path = os.path.join(self.directory, f"compare-{variant}{number}.data")
                self.run([self.spawnscope, "record", "-q", "-o", path, "--", program, variant, str(count)])
                sessions[variant].append(path)
        words = ["compare", "--threshold", "20%", "--base", *sessions[base], "--head", *sessions[head]]
        text = self.text(*words, statuses=(0, 1, 3)).splitlines()
        start = next((index for index, line in enumerate(text) if line.startswith("GATES")), 0)
        self.show(f"spawnscope compare --threshold 20% --base {base}*.data --head {head}*.data", text[start:start + 8])

    def interleaved(self, measure, variants):
        """Measures each variant in turns; the results by variant, a list over the rounds."""
        results = {variant: [] for variant in variants}
        for number in range(self.rounds):
            for variant in variants if number % 2 == 0 else list(reversed(variants)):
                results[variant].append(measure(variant, number))
        return results


def range_of(place, values):
    """A point of a chart: where it is, and the least, the median and the most."""
    return place, min(values), statistics.median(values), max(values)


def spread(values, unit="", digits=2):
    """`median unit (least–most)`."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f}–{high:.{digits}f})"
