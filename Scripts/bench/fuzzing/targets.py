"""One target: runs it, and keeps what it finds and what reaches new code."""

import pathlib
import re
import shutil
from dataclasses import dataclass

from bench.fuzzing.fuzzer import BUILD, PROGRAM
from bench.processes import say

# A kept input is no longer, a target keeps no more, and all together do not, in bytes.
LONGEST_KEPT, MOST_KEPT, MOST_IN_ALL = 24576, 229376, 2000000


@dataclass
class Figures:
    """What libFuzzer says of a run; None where it says nothing."""

    inputs: int | None
    rate: int | None
    edges: int | None
    features: int | None
    found: str | None

    @staticmethod
    def of(log):
        def last(pattern):
            found = re.findall(pattern, log, re.MULTILINE)
            return int(found[-1]) if found else None

        found = re.search(r"^SUMMARY: libFuzzer: (.*)$", log, re.MULTILINE)
        return Figures(
            last(r"^stat::number_of_executed_units: *(\d+)"),
            last(r"^stat::average_exec_per_sec: *(\d+)"),
            last(r"\bcov: (\d+)"),
            last(r"\bft: (\d+)"),
            found[1] if found else None,
        )


def files_in(directory):
    return [path for path in pathlib.Path(directory).rglob("*") if path.is_file()]


def bytes_in(directory):
    return sum(path.stat().st_size for path in files_in(directory))


class Target:
    def __init__(self, fuzzer, name, longest):
        self.fuzzer, self.name, self.longest = fuzzer, name, longest
        self.kept, self.new, self.seeds = (fuzzer.scratch / part / name for part in ("kept", "new", "seeds"))
        self.corpus = fuzzer.corpus / name
        self.has_findings = False

    def run(self):
        """Fills `row`, `figures` and the corpus."""
        for directory in (self.kept, self.new, self.seeds):
            directory.mkdir(parents=True, exist_ok=True)
            self.fuzzer.give_away(directory)
        self.corpus.mkdir(exist_ok=True)
        log = self.fuzzer.scratch / "log"
        limits = [f"-max_total_time={self.fuzzer.seconds}", "-timeout=5", "-rss_limit_mb=512", f"-max_len={self.longest}"]
        told = ["-print_final_stats=1", "-report_slow_units=1", f"-artifact_prefix=found/{self.name}-"]
        status = self.fuzzer.run(log, self.name, self.new, self.kept, f"seeds/{self.name}", *limits, *told)
        shutil.copytree(self.new, BUILD / "inputs" / self.name, dirs_exist_ok=True)
        self.figures = Figures.of(log.read_text(errors="replace"))
        self.keep_findings(status, log)
        self.tell(status, self.keep_inputs() if self.fuzzer.keeps else 0)

    def keep_findings(self, status, log):
        findings = self.fuzzer.findings
        if status:
            self.has_findings = True
            shutil.copy(log, findings / f"{self.name}.log")
        for path in (self.fuzzer.scratch / "found").glob(f"{self.name}-*"):
            shutil.copy(path, findings)
            say(f"FOUND: {findings / path.name} ({path.stat().st_size} bytes)")
            say(f"  again: SWIFT_BACKTRACE=enable=no {PROGRAM} {self.name} {findings / path.name}")

    def keep_inputs(self):
        """Adds the inputs that reach new code to the corpus, as long as they are small, the small ones first; how many."""
        merged, log = self.fuzzer.scratch / "merged" / self.name, self.fuzzer.scratch / "merge.log"
        merged.parent.mkdir(exist_ok=True)
        shutil.copytree(self.kept, merged)
        self.fuzzer.give_away(merged.parent)
        options = ["-merge=1", "-use_counters=0", f"-max_len={min(self.longest, LONGEST_KEPT)}"]
        if self.fuzzer.run(log, self.name, *options, *(f"{part}/{self.name}" for part in ("merged", "new", "seeds"))):
            say(f"merging {self.name} failed: {(log.read_text(errors='replace').splitlines() or [''])[-1]}")
        room = min(MOST_KEPT - bytes_in(self.corpus), MOST_IN_ALL - bytes_in(self.fuzzer.corpus))
        return add_small_ones(merged, self.corpus, room)

    def tell(self, status, added):
        slow = len(list((self.fuzzer.scratch / "found").glob(f"{self.name}-slow-unit-*")))
        what = (self.figures.found or f"status {status}") if status else f"{slow} of more than 1 s" if slow else "nothing"
        kept = f"{len(files_in(self.corpus))} (+{added}), {bytes_in(self.corpus)}"
        figures = self.figures
        numbers = ("?" if value is None else value for value in (figures.inputs, figures.rate, figures.edges, figures.features))
        self.row = [self.name, *numbers, kept, what]


def add_small_ones(source, corpus, room):
    """Copies the files that the corpus does not have, by size, until there is no room; how many."""
    count = 0
    for size, path in sorted((path.stat().st_size, path) for path in files_in(source)):
        if (corpus / path.name).exists():
            continue
        if size > room:
            break
        shutil.copyfile(path, corpus / path.name)
        (corpus / path.name).chmod(0o644)
        room, count = room - size, count + 1
    return count
