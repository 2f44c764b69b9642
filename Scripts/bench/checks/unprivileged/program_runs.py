"""Runs one program after the other in each place, and judges what was recorded of it."""

import json
import shutil
import subprocess
from dataclasses import dataclass

from bench.checks.lifecycle.command import cgroup_tree
from bench.checks.lifecycle.comparison import KNOWN_LIMITS
from bench.checks.unprivileged import facts
from bench.checks.unprivileged.budgets import OfRoot
from bench.checks.unprivileged.site import Judged
from bench.failure import Failure
from bench.page import Table
from bench.processes import run, say
from bench.strace import TRACED, lifecycle
from bench.strace.log import Undecided
from bench.strace.verdict import LIMIT
from bench.summary import program_count

SECONDS = 300
# A program's own race may end differently from run to run: it is run again, which is told.
ATTEMPTS = 3
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Base:
    """Root's recording of a program."""

    status: int
    totals: dict
    budgets: OfRoot


class ProgramRuns:
    """`check` is called for every program, as lifecycle's comparison is."""

    def __init__(self, bench, places, sites, options):
        self.bench, self.places, self.sites, self.options = bench, places, sites, options
        columns = [f"{site.name}: {rung.recorder}" for site in sites for rung in site.rungs.values() if not rung.refusal]
        self.table = Table("program", "spawns", *columns)
        # What a program was refused by a place: its place, its name, and what it says.
        self.refused = Table("place", "program", "exit", "what it says", tells=False)
        self.left_out = []

    @property
    def rows(self):
        return self.table.rows

    def leave_out(self, what):
        self.left_out.append(f"Left out: {what}.")

    def check(self, name, words):
        if self.options.only not in name:
            return
        base = self.record_as_root(words)
        cells = [cell for site in self.sites for cell in self.check_in(site, name, words, base)]
        self.table.add(name, base.totals["spawns"], *cells)

    # Running

    def start(self, place, calls, recorders, words):
        """A directory with what the script left; the place ends with it."""
        directory = self.places.results
        for path in directory.iterdir():
            path.unlink()
        command = [*self.environment(), "sh", self.places.tools / "in_place.sh", directory, self.bench.spawnscope, calls]
        done = run([*place, *command, " ".join(recorders), *words], timeout=SECONDS, cwd="/")
        return directory, done

    def environment(self):
        return ["env", "-i", f"PATH={PATH}", "HOME=/tmp", "LC_ALL=C.UTF-8", f"SPAWNSCOPE_CGROUP={cgroup_tree()}"]

    def report(self, session):
        return run([self.bench.spawnscope, "report", "--format", "json", "--spawns", session]).stdout

    def record_as_root(self, words):
        directory, done = self.start(self.places.words("root"), "", ["joined"], words)
        session = directory / "joined.data"
        if not session.exists():
            raise Failure(f"root could not record {words}: {done.stderr}{text_of(directory / 'joined.err')}")
        kept = self.bench.scratch / "root.data"
        shutil.move(session, kept)
        totals = json.loads(self.report(kept))["totals"]
        return Base(status_of(directory, "joined"), totals, OfRoot(self.bench.spawnscope, kept, self.bench.scratch))

    # Judging

    def check_in(self, site, name, words, base):
        """A cell for each recorder of a place."""
        rungs = [rung for rung in site.rungs.values() if not rung.refusal]
        found = {}
        for attempt in range(ATTEMPTS):
            missing = [rung for rung in rungs if rung.recorder not in found or found[rung.recorder].wrong]
            if not missing:
                break
            directory = self.run_in(site, [rung.recorder for rung in missing], words)
            if attempt == 0:
                self.note_refusal(site, name, directory, base)
            for rung in missing:
                found[rung.recorder] = judged = self.judge(rung.recorder, directory, base, name)
                rung.repeated += attempt > 0
                for text in judged.wrong[:20]:
                    say(f"    {name}, {site.name}, {rung.recorder}, run {attempt + 1}: {text}")
        for rung in rungs:
            rung.count(found[rung.recorder])
            yield found[rung.recorder].cell

    def run_in(self, site, recorders, words):
        try:
            directory, _ = self.start(site.words, TRACED, recorders, words)
        except subprocess.TimeoutExpired:
            say(f"    {site.name}: not over after {SECONDS} s")
            directory = self.places.results
        return directory

    def note_refusal(self, site, name, directory, base):
        """What the place does not let the program do, which it has to be seen doing all the same."""
        status = status_of(directory, "strace")
        if status != base.status:
            said = text_of(directory / "strace.err").strip().splitlines()
            self.refused.add(site.name, name, status, said[-1] if said else "")

    def judge(self, recorder, directory, base, name):
        session, log = directory / f"{recorder}.data", directory / "strace.log"
        if not session.exists():
            return Judged([f"no session: {text_of(directory / f'{recorder}.err').strip()}"])
        said = program_count(text_of(directory / f"{recorder}.out"))
        verdict = facts.compare(self.report(session), log, recorder, said)
        judged = Judged(absent=verdict.cells, is_otherwise=not self.does_same(log, base))
        statuses = [status_of(directory, kind) for kind in ("strace", recorder)]
        if statuses[0] != statuses[1]:
            judged.wrong.append(f"the program exits with {statuses[1]}, under strace with {statuses[0]}")
        if name in KNOWN_LIMITS:
            verdict.as_known_limit()
        judged.is_limited = verdict.verdict == LIMIT
        judged.wrong += [] if verdict.is_good else verdict.texts
        if not judged.is_otherwise and not judged.is_limited:
            judged.held = base.budgets.compare(session, recorder)
            judged.wrong += judged.held.wrong
        return judged

    @staticmethod
    def does_same(log, base):
        try:
            totals = lifecycle.read(log)["totals"]
        except (OSError, Undecided):
            return True
        return facts.does_same(totals, base.totals)


def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def status_of(directory, name):
    text = text_of(directory / f"{name}.status").strip()
    return int(text) if text else None
