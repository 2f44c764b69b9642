"""Holds what a recorder without rights tells beside strace's account. What it does not know must be absent."""

import json
from collections import Counter

from bench.strace import lifecycle, two_runs
from bench.strace.log import Undecided
from bench.strace.same_recording import MOST_PROGRAMS
from bench.strace.verdict import DIFFERENT, EQUAL, LIMIT, TOTALS, Verdict, undecided

# Sums that a recorder may leave out; docs/reference/limits.md says why.
UNTOLD = {
    "traced": {"failed_attempts", "failed_creations"},
    "inherited": {"forked", "failed", "failed_attempts", "failed_creations", "unreaped"},
}
# What a program does the same for root and in a place.
SAME = ("spawns", "execs", "forked", "failed", "unreaped", "orphaned", "unfinished")
# Of a spawn; the recorder inherited has no event that could tell them.
NOT_INHERITED = ("method", "status", "signal", "unreaped", "failed_attempts", "blocked_ns")
# A thread's name, which stands for what no file does, is no longer.
COMM_SIZE = 15
# An exec by descriptor: its file's name is in no call.
BY_DESCRIPTOR = "[descriptor]"
# The record of a creation names the maker, whose child it is not with CLONE_PARENT.
OF_A_SIBLING = "[sibling]"


def last_part(path):
    """Of the path of a program, as far as it is told of a script."""
    if path is None:
        return None
    directory, _, name = path.rpartition("/")
    return BY_DESCRIPTOR if directory == "/dev/fd" else name.encode()[:COMM_SIZE].decode(errors="replace")


def lives(spawns):
    """What is known of each spawn by the recorder inherited: what it executed, what its spawner was started as, and how it was left."""

    def paths(spawn):
        told = (program["path"] if isinstance(program, dict) else program for program in spawn.get("programs") or ())
        return tuple(last_part(path) for path in list(told)[:MOST_PROGRAMS])

    def parent(spawn):
        # Those without an exec are one: whether they attempted any is not known.
        return last_part(spawn["parent"]) if spawn["parent"] not in ("[forked]", "[failed]", "[no exec]") else "[not executed]"

    def orphaned(spawn):
        return OF_A_SIBLING if spawn.get("sibling") else spawn["orphaned"]

    return Counter((spawn["execs"], paths(spawn), parent(spawn), orphaned(spawn), spawn["unfinished"]) for spawn in spawns)


def is_same(ours, theirs):
    """Whether these are one but for programs that were executed by a descriptor, and for whose child a sibling is."""
    if len(ours[1]) != len(theirs[1]):
        return False
    pairs = [*zip(ours, theirs), *zip(ours[1], theirs[1])]
    del pairs[1]
    return all(mine == told or told in (BY_DESCRIPTOR, OF_A_SIBLING) for mine, told in pairs)


def without_unnamed(ours, theirs):
    """Takes out of both what differs by these alone."""
    for key in [key for key in theirs if {BY_DESCRIPTOR, OF_A_SIBLING} & {*key[1], *key[2:]}]:
        for other in [other for other in ours if is_same(other, key)]:
            number = min(ours[other], theirs[key])
            ours[other] -= number
            theirs[key] -= number
    return +ours, +theirs


def by_events(report, expected, program_count):
    """How a report of the recorder inherited differs."""
    totals, told = report["totals"], expected["totals"]
    siblings = sum(spawn.get("sibling", False) for spawn in expected["spawns"])
    for name in TOTALS:
        if name == "orphaned" and 0 < totals.get(name, 0) - told[name] <= siblings:
            yield f"{two_runs.TOLD_LIMIT}{totals[name] - told[name]} orphaned by their makers, whose children they are not (CLONE_PARENT)"
        elif name in totals and totals[name] != told[name]:
            yield f"{name}: the report has {totals[name]}, strace {told[name]}"
    if report["session"].get("lost") != 0:
        yield f"lost: {report['session'].get('lost')}"
    if program_count is not None and totals.get("spawns") != program_count:
        yield f"spawns: the report has {totals.get('spawns')}, the program says {program_count}"
    ours, theirs = (lives(spawns) for spawns in (two_runs.reported_spawns(report), expected["spawns"]))
    ours, theirs = without_unnamed(ours - theirs, theirs - ours)
    for side, counter in (("the report", ours), ("strace", theirs)):
        for (execs, paths, parent, *left), number in counter.items():
            yield f"only in {side}: {number} × {execs} execs, {' '.join(map(str, paths))} by {parent}, {left}"
    for name in NOT_INHERITED:
        if any(spawn.get(name) is not None for spawn in report["spawns"]):
            yield f"tells {name}, which it cannot know"
    if any(spawn.get("outcome") != ("executed" if spawn["execs"] else None) for spawn in report["spawns"]):
        yield "tells whether children without an exec attempted one, which it cannot know"


def differences(report, expected, recorder, program_count):
    if report["session"].get("recorder") != recorder:
        yield f"recorded by {report['session'].get('recorder')}"
    for name in absent(report):
        if name not in UNTOLD[recorder]:
            yield f"{name} is absent{reason(report, name)}"
        elif not is_said(report, name):
            yield f"nothing says that {name} is absent"
    compare = by_events if recorder == "inherited" else two_runs.differences
    yield from compare(report, expected, program_count)


def absent(report):
    return [name for name in TOTALS if name not in report["totals"]]


def reason(report, name):
    told = (unknown for unknown in report["session"].get("unknown", ()) if unknown["fact"] == name)
    return next((f": {unknown['reason']}, {unknown['processes']} processes" for unknown in told), "")


def is_said(report, name):
    """`failed` and `forked` go with the attempts that would tell them."""
    session = report["session"]
    words = {name.replace("_", " "), "failed attempts"} if name in ("failed", "forked") else {name.replace("_", " ")}
    facts = {unknown["fact"] for unknown in session.get("unknown", ())}
    return name in facts or any(word in line for line in session.get("missing", ()) for word in words)


def does_same(told, of_root):
    """Whether a program did for root what it did here: by strace's totals, and those that root's recording knows."""
    return all(told[name] == of_root.get(name, told[name]) for name in SAME)


def compare(report_text, log_path, recorder, program_count):
    """A verdict whose cells are the totals that the report leaves out."""
    try:
        report = json.loads(report_text)
        expected = lifecycle.read(log_path)
        found = list(differences(report, expected, recorder, program_count))
    except (OSError, ValueError, KeyError, TypeError, Undecided) as error:
        return undecided(0, f"{recorder} and {log_path}", error)
    is_limit = all(text.startswith(two_runs.TOLD_LIMIT) for text in found)
    return Verdict(absent(report), EQUAL if not found else LIMIT if is_limit else DIFFERENT, found)
