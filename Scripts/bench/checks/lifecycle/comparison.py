"""Records workloads, has strace tell of them, and keeps count of what is equal."""

import shutil
from dataclasses import dataclass

from bench.page import Table
from bench.processes import run, say
from bench.strace import TRACED, TRACED_WHOLE, lifecycle, same_recording, two_runs
from bench.strace.clock_difference import clock_difference
from bench.strace.log import Undecided
from bench.strace.verdict import DIFFERENT, EQUAL, HEAD, LIMIT, TOTALS, Verdict, undecided
from bench.summary import program_count

# No event tells that a parent with a handler asked the kernel to reap its children (SA_NOCLDWAIT), for which the report says that it does
# not know; nor of a call by int $0x80 that led to nothing.
KNOWN_LIMITS = ("C, waits: sigchld-nocldwait", "int $0x80: old-failure")

# The recorder that lets no strace into what it records.
BY_PTRACE = "traced"


@dataclass
class Tally:
    runs: int = 0
    different: int = 0
    limited: int = 0

    def count(self, verdict, runs=1):
        self.runs += runs
        self.limited += runs * (verdict.verdict == LIMIT)
        self.different += runs * (not verdict.is_good)

    @property
    def text(self):
        equal = self.runs - self.different - self.limited
        return f"{equal} of {self.runs} runs are equal, {self.limited} differ by a known limit."


class Comparison:
    def __init__(self, bench, options, recorder):
        self.bench, self.options, self.recorder = bench, options, recorder
        self.two_runs, self.same = Tally(), Tally()
        self.table = Table("workload", "runs", *HEAD, "lost", "")
        self.same_table = Table("workload", "runs", "spawns", "equal", "not known", "strace cannot decide", "", tells=False)
        self.versions, self.left_out = [], []

    @property
    def runs(self):
        return self.two_runs.runs

    @property
    def same_runs(self):
        return self.same.runs

    def leave_out(self, what):
        say(f"left out: {what}")
        self.left_out.append(f"Left out: {what}.")

    def check(self, name, words):
        """The rounds of one workload; those that are alike are one row."""
        if self.options.only not in name:
            return
        if not self.options.strace_only and self.recorder != BY_PTRACE:
            self.check_same(name, words)
        if self.options.same_only:
            return
        last, alike = None, 0
        for number in range(1, self.options.rounds + 1):
            verdict = self.trace_alone(words) if self.options.strace_only else self.record_and_trace(words)
            self.settle(verdict, name, f"{name}, round {number}: ", 20)
            self.two_runs.count(verdict)
            if last is not None and verdict.row != last:
                self.table.add(name, alike, *last)
                alike = 0
            last, alike = verdict.row, alike + 1
        self.table.add(name, alike, *last)

    @staticmethod
    def settle(verdict, name, prefix, most):
        """Tells what differs, and whether it is known to."""
        if name in KNOWN_LIMITS:
            verdict.as_known_limit()
        for text in verdict.texts[:most]:
            say(f"    {prefix}{text}")

    def trace(self, words):
        """A program that ends first leaves descendants that strace waits for; their pids do not matter afterwards."""
        log = self.bench.scratch / "strace.log"
        done = run(["strace", "-f", "-ttt", "-s", 65536, "-e", f"trace={TRACED}", "-o", log, "--", *words])
        return log, program_count(done.stdout)

    def trace_alone(self, words):
        log, made = self.trace(words)
        try:
            totals = lifecycle.read(log)["totals"]
        except (OSError, Undecided) as error:
            return undecided(len(TOTALS) + 1, log, error)
        return Verdict([*totals.values(), ""], EQUAL if made in (None, totals["spawns"]) else DIFFERENT)

    def record_and_trace(self, words):
        log, _ = self.trace(words)
        recording = self.bench.record(*words)
        return two_runs.compare(self.write_report(recording, self.bench.scratch / "report.json"), log, recording.program_count)

    def write_report(self, recording, path):
        """Of a session that could not be read the file is empty, and cannot be compared."""
        done = run([self.bench.spawnscope, "report", "--format", "json", "--spawns", recording.session])
        if done.returncode:
            say(recording.summary.text + done.stderr)
        path.write_text(done.stdout, encoding="utf-8")
        return path

    def check_same(self, name, words, must_succeed=False):
        """The rounds of one workload under a strace that is recorded; {} in the words is a new directory for each. Where it must succeed
        one that fails is told: what it did not come to was not compared."""
        if self.options.only not in name:
            return
        failed, directories = None, []
        for number in range(1, self.options.rounds + 1):
            directory, status = self.run_same(words, number, must_succeed)
            directories.append(directory)
            failed = status if must_succeed and status else failed
        verdict = same_recording.compare(directories)
        self.settle(verdict, name, f"{name}, ", 40)
        row = verdict.row
        if failed:
            row[-1] += f", and the program failed with {failed}"
            verdict.verdict = DIFFERENT
        self.same.count(verdict, self.options.rounds)
        self.same_table.add(name, self.options.rounds, *row)
        say(f"| {name} | {self.options.rounds} | {' | '.join(map(str, row))} |")

    def run_same(self, words, number, tells):
        bench = self.bench
        directory, work = bench.scratch / "same" / str(number), bench.scratch / "work"
        for path in (directory, work):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        before = clock_difference()
        strace = ["strace", "-f", "-v", "-ttt", "-T", "-s", 65536, "--decode-pids=pidns", "--quiet=none", "-o", directory / "strace.log"]
        recording = bench.record(*strace, "-e", f"trace={TRACED_WHOLE},waitpid", "--", *(work if word == "{}" else word for word in words))
        (directory / "clock").write_text(f"{before}\n{clock_difference()}\n")
        if tells and recording.status:
            say("\n".join((recording.printed + recording.summary.text).splitlines()[-20:]))
        self.write_report(recording, directory / "report.json")
        return directory, recording.status
