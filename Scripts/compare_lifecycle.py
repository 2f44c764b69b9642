#!/usr/bin/env python3
"""Compares a report with what strace says of another run of the same program: compare_lifecycle.py REPORT LOG [COUNT]

REPORT is what `spawnscope report --format json --spawns` printed, LOG what strace_lifecycle.py reads, COUNT what the program says that
it spawned. Totals, failed attempts by path and errno, and spawns must be equal, and nothing lost. Pids differ between runs, so
spawns are compared as a multiset of everything that is not a pid or a time. Prints one row of a table: spawns, execs, forked,
failed, failed attempts, failed creations, unreaped, orphaned, unfinished, lost, and whether they are equal; what differs goes to
standard error, and the exit status is 1.
"""

import json
import sys
from collections import Counter

import strace_lifecycle
from strace_log import Undecided

TOTALS = ("spawns", "execs", "forked", "failed", "failed_attempts", "failed_creations", "unreaped", "orphaned", "unfinished")
FIELDS = ("method", "outcome", "path", "status", "signal", "unreaped", "orphaned", "unfinished", "reaped", "parent")
# A recording keeps paths up to a length, longer ones end so.
KEPT_PATH = 240
CUT = "[...]"


def kept_path(path):
    return path if path is None or len(path) <= KEPT_PATH else path[:KEPT_PATH] + CUT


def failures(report):
    counted = Counter()
    for failure in report.get("failures", ()):
        counted[(kept_path(failure.get("path")), failure.get("errno"))] += failure["attempts"]
    return counted


def reported_spawns(report):
    """With `parent` and `reaped` as strace_lifecycle.py has them."""
    started_as = {spawn["pid"]: spawn.get("path") or f"[{spawn['outcome']}]" for spawn in report["spawns"]}
    for spawn in report["spawns"]:
        spawn = dict(spawn)
        flags = [bool(spawn.get(flag)) for flag in ("unreaped", "orphaned", "unfinished")]
        spawn["unreaped"], spawn["orphaned"], spawn["unfinished"] = flags
        spawn["reaped"] = None if any(flags) else "reap" in spawn.get("phases", {})
        spawn["parent"] = started_as.get(spawn["ppid"], "[root]")
        yield spawn


def keys(spawns):
    return Counter(
        tuple(kept_path(spawn.get(name)) if name in ("path", "parent") else spawn.get(name) for name in FIELDS)
        for spawn in spawns
    )


def described(key):
    return ", ".join(f"{name} {value}" for name, value in zip(FIELDS, key) if value not in (None, False))


def differences(report, expected, program_count):
    totals = report["totals"]
    for name in TOTALS:
        if totals.get(name) != expected["totals"][name]:
            yield f"{name}: the report has {totals.get(name)}, strace {expected['totals'][name]}"
    if report["session"].get("lost") != 0:
        yield f"lost: {report['session'].get('lost')}"
    if program_count is not None and totals.get("spawns") != program_count:
        yield f"spawns: the report has {totals.get('spawns')}, the program says {program_count}"
    ours, theirs = failures(report), failures(expected)
    for (path, errno), attempts in (ours - theirs).items():
        yield f"only in the report: {attempts} × {errno} {path!r}"
    for (path, errno), attempts in (theirs - ours).items():
        yield f"only in strace: {attempts} × {errno} {path!r}"
    ours, theirs = keys(reported_spawns(report)), keys(expected["spawns"])
    for key, number in (ours - theirs).items():
        yield f"only in the report: {number} × {described(key)}"
    for key, number in (theirs - ours).items():
        yield f"only in strace: {number} × {described(key)}"
    for spawn in report["spawns"]:
        total = sum(spawn.get("phases", {}).values())
        if "total_ns" in spawn and total > spawn["total_ns"]:
            yield f"phases of {spawn['pid']} add up to {total}, more than its total {spawn['total_ns']}"


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 64
    program_count = int(sys.argv[3]) if len(sys.argv) == 4 and sys.argv[3] else None
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            report = json.load(file)
        expected = strace_lifecycle.read(sys.argv[2])
        found = list(differences(report, expected, program_count))
    except (OSError, ValueError, KeyError, TypeError, Undecided) as error:
        print(f"cannot compare {sys.argv[1]} and {sys.argv[2]}: {type(error).__name__}: {error}", file=sys.stderr)
        print(" | ".join(["?"] * (len(TOTALS) + 1)) + " | undecided")
        return 1
    for text in found:
        print(text, file=sys.stderr)
    numbers = [str(report["totals"].get(name, "–")) for name in TOTALS] + [str(report["session"].get("lost", "–"))]
    print(" | ".join(numbers) + f" | {'different' if found else 'equal'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
