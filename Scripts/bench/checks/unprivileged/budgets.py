"""Holds the verdicts of `spawnscope budget` on one recording beside those on root's."""

import re
from dataclasses import dataclass, field

from bench.checks.unprivileged.facts import COMM_SIZE

# Limits that a recorder may not be able to tell.
UNTOLD = {
    "traced": {"failed_attempts"},
    "inherited": {"execs", "forked", "failed", "failed_attempts", "unreaped"},
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
    """What of a file is as root has it: limits that are the same, that are not told, and what is wrong in words."""

    same: int = 0
    untold: int = 0
    wrong: list = field(default_factory=list)


def is_cut(budget):
    """Whether it selects scripts by a name that is longer than what is known of one."""
    return len(budget.get("program", "").encode()) > COMM_SIZE


def compare(root, ours, recorder):
    """Every limit that is told must be root's verdict, and the exit status must follow from them all."""
    held = Held()
    for key, (verdict, budget) in root.limits.items():
        told = ours.limits.get(key, (UNKNOWN,))[0]
        may_lack = key[1] in UNTOLD[recorder]
        if recorder == "inherited":
            may_lack = may_lack or "callsite" in budget or is_cut(budget)
        if told == verdict:
            held.same += 1
        elif may_lack and (told == UNKNOWN or is_cut(budget)):
            held.untold += 1
        else:
            held.wrong.append(f"{budget['name']}, {key[1]}: {told}, root's {verdict}")
    told = {verdict for verdict, _ in ours.limits.values()}
    follows = STATUS[OVER if OVER in told else UNKNOWN if UNKNOWN in told else WITHIN]
    if ours.status != follows:
        held.wrong.append(f"exits with {ours.status}, which does not follow from its limits")
    return held
