"""Holds the verdicts of `spawnscope budget` on one recording beside those on root's."""

import json
import re
from dataclasses import dataclass, field

from bench.checks.unprivileged.facts import COMM_SIZE
from bench.failure import Failure
from bench.processes import output_of, run

# Limits that a recorder may not be able to tell.
UNTOLD = {
    "traced": {"failed_attempts"},
    "inherited": {"forked", "failed", "failed_attempts", "unreaped"},
}
NUMBER = re.compile(r"^    (\w+): (\d+)$", re.MULTILINE)
WITHIN, OVER, UNKNOWN = "within", "over", "unknown"
STATUS = {WITHIN: 0, OVER: 1, UNKNOWN: 3}


def without_untold(text, recorder):
    """The file that a user of this recorder would write: the limits that it tells."""
    blocks = re.split(r"(?m)^(?=  - name: )", text)
    if recorder == "inherited":
        blocks = [block for block in blocks if "\n    callsite: " not in block]
    return NUMBER.sub(lambda match: "" if match[1] in UNTOLD[recorder] else match[0], "".join(blocks))


def tightened(text):
    """Each number that is not 0 is one less, so that what keeps the first file is over every limit of this one."""
    return NUMBER.sub(lambda match: f"    {match[1]}: {max(int(match[2]) - 1, 0)}", text)


@dataclass
class Verdicts:
    """What was said of one file: the exit status, and each limit by its line, or by its budget where it is implied."""

    status: int
    limits: dict

    @classmethod
    def of(cls, status, verdict):
        limits = {}
        for budget in verdict["budgets"]:
            for limit in budget["limits"]:
                limits[(budget["line"], limit["limit"])] = (limit["verdict"], budget)
        return cls(status, limits)


@dataclass
class Held:
    """What of a file is as root has it: limits that are the same, that are not told, and what is wrong in words. Of `files` those that
    `agree` have root's exit status."""

    same: int = 0
    untold: int = 0
    wrong: list = field(default_factory=list)
    files: int = 0
    agree: int = 0


def is_named_otherwise(budget, of_descriptors):
    """Whether it selects scripts by a name that is longer than what is known of one, or programs that were executed by a descriptor, which
    kernels before 6.14 name by its number."""
    name = budget.get("program", "")
    return len(name.encode()) > COMM_SIZE or name in of_descriptors


def files_of_descriptors(report):
    """The names of programs that root knows by their files, since their paths are descriptors."""
    programs = [program for spawn in report["spawns"] for program in spawn.get("programs", ())]
    by_number = (program.get("file") or "" for program in programs if re.fullmatch(r"/dev/fd/\d+", program["path"]))
    return {file.rpartition("/")[2] for file in by_number}


def compare(root, ours, recorder, of_descriptors=()):
    """Every limit that is told must be root's verdict, and the exit status must follow from them all."""
    held = Held()
    for key, (verdict, budget) in root.limits.items():
        if verdict == UNKNOWN:
            continue  # a limit of every recorder's: see docs/reference/limits.md
        told = ours.limits.get(key, (UNKNOWN,))[0]
        may_lack = key[1] in UNTOLD[recorder] or recorder == "inherited" and "callsite" in budget
        if told == verdict:
            held.same += 1
        elif may_lack and told == UNKNOWN or recorder == "inherited" and is_named_otherwise(budget, of_descriptors):
            held.untold += 1
        else:
            held.wrong.append(f"{budget['name']}, {key[1]}: {told}, root's {verdict}")
    if ours.status != status_of(verdict for verdict, _ in ours.limits.values()):
        held.wrong.append(f"exits with {ours.status}, which does not follow from its limits")
    return held


def status_of(verdicts):
    told = set(verdicts)
    return STATUS[OVER if OVER in told else UNKNOWN if UNKNOWN in told else WITHIN]


def status_of_told(root, recorder):
    """Of root's verdicts by the limits that a recorder tells: an implied one that it does not is passed over, as is one that root's cannot tell."""
    told = (verdict for (_, limit), (verdict, _) in root.limits.items() if limit not in UNTOLD[recorder])
    return status_of(verdict for verdict in told if verdict != UNKNOWN)


class OfRoot:
    """The budgets that root's recording of a program writes: as it is, and for each recorder what that tells, kept and exceeded."""

    def __init__(self, program, session, scratch):
        self.program, self.session, self.path = program, session, scratch / "budget.yml"
        self.path.unlink(missing_ok=True)
        output_of([program, "budget", session, "--file", self.path, "--init"])
        self.written = self.path.read_text(encoding="utf-8")
        self.said = {}
        self.of_descriptors = files_of_descriptors(json.loads(output_of([program, "report", "--format", "json", "--spawns", session])))

    def hold(self, session, text):
        """The verdict on a session by a file of this text."""
        self.path.write_text(text, encoding="utf-8")
        done = run([self.program, "budget", session, "--file", self.path, "--ignore-failure", "--format", "json"])
        try:
            return Verdicts.of(done.returncode, json.loads(done.stdout))
        except ValueError:
            raise Failure(f"spawnscope budget: {done.stderr}{text}") from None

    def of_root(self, text):
        """Root's own verdict by a file, asked once."""
        if text not in self.said:
            self.said[text] = self.hold(self.session, text)
        return self.said[text]

    def compare(self, session, recorder):
        """The written file's limits are root's or cannot be told; those of the two others are root's."""
        held = compare(self.of_root(self.written), self.hold(session, self.written), recorder, self.of_descriptors)
        told = without_untold(self.written, recorder)
        for text in (told, tightened(told)):
            root, ours = self.of_root(text), self.hold(session, text)
            held.wrong += compare(root, ours, recorder, self.of_descriptors).wrong
            status = status_of_told(root, recorder)
            held.files += 1
            held.agree += ours.status == status
            if ours.status != status:
                held.wrong.append(f"a budget exits with {ours.status}, of root's recording with {status}")
        return held
