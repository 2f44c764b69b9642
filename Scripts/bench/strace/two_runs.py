"""Compares a report with what strace says of another run of the same program.

Totals, failed attempts by path and errno, and spawns must be equal, and nothing lost. Pids differ between runs, so spawns are compared as a
multiset of everything that is not a pid or a time. A child that a timer's signal ended while its CPU was idle has no known ending; where
that is the only difference, it is a limit.
"""

import json
import signal
from collections import Counter

from bench.strace import lifecycle
from bench.strace.log import Undecided
from bench.strace.verdict import DIFFERENT, EQUAL, LIMIT, TOTALS, Verdict, undecided

FIELDS = ("method", "outcome", "path", "status", "signal", "unreaped", "orphaned", "unfinished", "reaped", "parent")
# A recording keeps paths up to a length, longer ones end so.
KEPT_PATH = 240
TOLD_LIMIT = "limit: "
TIMER_SIGNALS = (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF)
CUT = "[...]"


def kept_path(path):
    return path if path is None or len(path) <= KEPT_PATH else path[:KEPT_PATH] + CUT


def failures(report):
    counted = Counter()
    for failure in report.get("failures", ()):
        counted[(kept_path(failure.get("path")), failure.get("errno"))] += failure["attempts"]
    return counted


def reported_spawns(report):
    """With `parent` and `reaped` as account.py has them."""
    started_as = {spawn["pid"]: spawn.get("path") or f"[{spawn.get('outcome', 'no exec')}]" for spawn in report["spawns"]}
    for spawn in report["spawns"]:
        spawn = dict(spawn)
        flags = [bool(spawn.get(flag)) for flag in ("unreaped", "orphaned", "unfinished")]
        spawn["unreaped"], spawn["orphaned"], spawn["unfinished"] = flags
        spawn["reaped"] = None if any(flags) else "reap" in spawn.get("phases", {})
        spawn["parent"] = started_as.get(spawn["ppid"], "[root]")
        yield spawn


def keys(spawns, untold):
    """`untold`: fields that the recorder does not know."""

    def value(spawn, name):
        if name in untold:
            return None
        return kept_path(spawn.get(name)) if name in ("path", "parent") else spawn.get(name)

    return Counter(tuple(value(spawn, name) for name in FIELDS) for spawn in spawns)


def described(key):
    return ", ".join(f"{name} {value}" for name, value in zip(FIELDS, key) if value not in (None, False))


def untold_endings(ours, theirs):
    """Takes the spawns out of both that only differ by a timer's signal that the kernel did not tell."""
    place = FIELDS.index("signal")
    for key in list(theirs):
        if key[place] not in TIMER_SIGNALS:
            continue
        untold = key[:place] + (None,) + key[place + 1 :]
        number = min(theirs[key], ours[untold])
        if number > 0:
            theirs.subtract({key: number})
            ours.subtract({untold: number})
            yield f"{TOLD_LIMIT}{number} × {described(key)}: its signal is not known"
    for counter in (ours, theirs):
        for key in [key for key, number in counter.items() if number <= 0]:
            del counter[key]


def untold_by_ptrace(report):
    """What the recorder traced does not tell of anything, or not of everything."""
    if report["session"].get("recorder") != "traced":
        return set()
    return {"reaped", *(unknown["fact"] for unknown in report["session"].get("unknown", ()))}


def differences(report, expected, program_count):
    totals, untold = report["totals"], untold_by_ptrace(report)
    for name in TOTALS:
        if name in untold and name not in totals and totals.get("at_least", {}).get(name, 0) <= expected["totals"][name]:
            continue
        if totals.get(name) != expected["totals"][name]:
            yield f"{name}: the report has {totals.get(name)}, strace {expected['totals'][name]}"
    if report["session"].get("lost") != 0:
        yield f"lost: {report['session'].get('lost')}"
    if program_count is not None and totals.get("spawns") != program_count:
        yield f"spawns: the report has {totals.get('spawns')}, the program says {program_count}"
    ours, theirs = failures(report), failures(expected)
    for (path, errno), attempts in (ours - theirs).items():
        yield f"only in the report: {attempts} × {errno} {path!r}"
    for (path, errno), attempts in () if "failed_attempts" in untold else (theirs - ours).items():
        yield f"only in strace: {attempts} × {errno} {path!r}"
    ours, theirs = keys(reported_spawns(report), untold), keys(expected["spawns"], untold)
    ours, theirs = ours - theirs, theirs - ours
    yield from untold_endings(ours, theirs)
    for key, number in ours.items():
        yield f"only in the report: {number} × {described(key)}"
    for key, number in theirs.items():
        yield f"only in strace: {number} × {described(key)}"
    for spawn in report["spawns"]:
        total = sum(spawn.get("phases", {}).values())
        if "total_ns" in spawn and total > spawn["total_ns"]:
            yield f"phases of {spawn['pid']} add up to {total}, more than its total {spawn['total_ns']}"


def compare(report_path, log_path, program_count=None):
    """`report_path` is what `spawnscope report --format json --spawns` printed, `log_path` a log of strace, `program_count` what the program
    says that it spawned. The row's cells are the totals, and what was lost."""
    try:
        with open(report_path, encoding="utf-8") as file:
            report = json.load(file)
        found = list(differences(report, lifecycle.read(log_path), program_count))
    except (OSError, ValueError, KeyError, TypeError, Undecided) as error:
        return undecided(len(TOTALS) + 1, f"{report_path} and {log_path}", error)
    cells = [*(report["totals"].get(name, "–") for name in TOTALS), report["session"].get("lost", "–")]
    is_limit = all(text.startswith(TOLD_LIMIT) for text in found)
    return Verdict(cells, EQUAL if not found else LIMIT if is_limit else DIFFERENT, found)
