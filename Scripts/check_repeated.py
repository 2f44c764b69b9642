#!/usr/bin/env python3
"""Compares the report of a session that make_large_session.py made: check_repeated.py SMALL LARGE COPIES

SMALL is the report of the session that was repeated, LARGE that of its COPIES, both by `spawnscope report --format
json`. Totals and sums of phases must be COPIES times those of SMALL, at the same call sites. Exits with 1 where they
are not.
"""

import json
import sys

TOTALS = ("spawns", "execs", "forked", "failed", "failed_attempts", "unreaped", "orphaned", "unfinished")


def problems(small, large, copies):
    for name in TOTALS:
        if large["totals"][name] != copies * small["totals"][name]:
            yield f"{name}: {large['totals'][name]}, not {copies} times {small['totals'][name]}"
    # The root's waits and the gaps between copies belong to no phase.
    for phase, values in small["phases"].items():
        if any(large["phases"][phase][part] != copies * values[part] for part in ("count", "sum_ns")):
            yield f"{phase}: {large['phases'][phase]}, not {copies} times {values}"
    if len(large["callsites"]) != len(small["callsites"]):
        yield f"{len(large['callsites'])} call sites, not {len(small['callsites'])}"


def main():
    if len(sys.argv) != 4 or not sys.argv[3].isdecimal():
        print(__doc__, file=sys.stderr)
        return 64
    reports = []
    for path in sys.argv[1:3]:
        with open(path, encoding="utf-8") as file:
            reports.append(json.load(file))
    found = list(problems(*reports, int(sys.argv[3])))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
