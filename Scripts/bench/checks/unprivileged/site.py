"""One place: what doctor and record say of it, and what was found of each recorder there."""

import re
from collections import Counter
from dataclasses import dataclass, field

from bench.checks.unprivileged.budgets import Held
from bench.checks.unprivileged.places import TITLES
from bench.processes import run
from bench.strace.verdict import LIMIT

REFUSED = 125
SECONDS = 120


@dataclass
class Judged:
    """What was found of one recording: what differs in words, sums that are absent, and what budgets said. Of a program that does otherwise
    than for root, and of one with a known limit, there are no budgets to compare."""

    wrong: list = field(default_factory=list)
    absent: list = field(default_factory=list)
    is_otherwise: bool = False
    is_limited: bool = False
    held: Held = field(default_factory=Held)

    @property
    def cell(self):
        if self.wrong:
            return f"different: {self.wrong[0]}"
        return LIMIT if self.is_limited else "equal; does otherwise" if self.is_otherwise else "equal"


@dataclass
class Rung:
    """A recorder in a place. `refusal` is why it cannot be had, in record's words."""

    recorder: str
    refusal: str = ""
    programs: int = 0
    equal: int = 0
    limited: int = 0
    wrong: int = 0
    otherwise: int = 0
    # Runs again of programs that differed.
    repeated: int = 0
    absent: Counter = field(default_factory=Counter)
    # Budgets of what is told, and the limits of what root's recording wrote.
    files: int = 0
    files_as_root: int = 0
    limits: int = 0
    limits_untold: int = 0

    def count(self, judged):
        self.programs += 1
        self.wrong += bool(judged.wrong)
        self.limited += judged.is_limited and not judged.wrong
        self.equal += not judged.wrong and not judged.is_limited
        self.otherwise += judged.is_otherwise
        self.absent.update(judged.absent)
        self.files += judged.held.files
        self.files_as_root += judged.held.agree
        self.limits += judged.held.same + judged.held.untold
        self.limits_untold += judged.held.untold


@dataclass
class Site:
    name: str
    words: list
    title: str
    rungs: dict = field(default_factory=dict)
    # What doctor, and record without a recorder's name, say there; what is wrong with it in words.
    said: str = ""
    choice: str = ""
    wrong: list = field(default_factory=list)

    @classmethod
    def open(cls, bench, places, name, recorders):
        """Tries the recorders there. There are no rungs where nothing can be started."""
        site = cls(name, places.words(name), TITLES[name])
        doctor = site.run(bench.spawnscope, "doctor")
        if "kernel: " not in doctor.stdout:
            site.said = (doctor.stderr.strip().splitlines() or ["no reason is given"])[-1]
            return site
        session = places.results / f"{name}.data"
        for recorder in recorders:
            done = site.run(bench.spawnscope, "record", "--recorder", recorder, "-o", session, "--", "true")
            site.rungs[recorder] = Rung(recorder, refusal_of(done))
            site.compare_doctor(doctor.stdout, site.rungs[recorder], done)
        done = site.run(bench.spawnscope, "record", "-o", session, "--", "true")
        site.choice = next((line for line in messages(done) if "recorded by " in line), "") or last(done)
        return site

    def run(self, *words):
        return run([*self.words, *words], timeout=SECONDS, cwd="/")

    def compare_doctor(self, told, rung, done):
        """Doctor has to know what record will do."""
        line = re.search(rf"^(\S+) +{rung.recorder} recorder: (.*)$", told, re.MULTILINE)
        is_fine = bool(line) and line[1] == "ok"
        if done.returncode not in (0, REFUSED) or is_fine != (done.returncode == 0):
            rung.wrong += 1
            self.wrong.append(
                f"{rung.recorder}: doctor says {line[0] if line else 'nothing'}; record exits with {done.returncode}: {last(done)}"
            )


def messages(done):
    return [line.removeprefix("spawnscope: ") for line in done.stderr.splitlines() if line.startswith("spawnscope: ")]


def last(done):
    return (messages(done) or done.stderr.strip().splitlines() or ["nothing"])[-1]


def refusal_of(done):
    return "" if done.returncode == 0 else last(done)
