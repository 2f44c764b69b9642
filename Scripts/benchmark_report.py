#!/usr/bin/env python3
"""The table of benchmark-report.sh: benchmark_report.py RUNS

RUNS are those that `measure` wrote, each with the report's `kind`, the session's `spawns` and `bytes`, and the `output`
in bytes. Exits with 1 where seconds per MiB or memory of the largest session are more than 1.3 times those of the
smallest.
"""

import sys

import measured_runs

GROWTH = 1.3
TITLES = {"json-spawns": "json --spawns"}


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    runs = {}
    for run in measured_runs.read(sys.argv[1]):
        runs.setdefault((run["kind"], run["spawns"]), []).append(run)
    measured = {}
    print("| format | spawns | MiB | seconds (range) | MiB/s | peak MiB | output MiB |")
    print("|---|---|---|---|---|---|---|")
    for (kind, spawns), own in sorted(runs.items()):
        title = TITLES.get(kind, kind)
        seconds, peak = measured_runs.seconds(own), measured_runs.peak_mebibytes(own)
        mebibytes, output = own[0]["bytes"] / 2**20, own[0]["output"] / 2**20
        measured.setdefault(title, []).append((mebibytes, seconds / mebibytes, peak))
        print(
            f"| {title} | {spawns} | {mebibytes:.0f} | {measured_runs.seconds_and_range(own)} "
            f"| {mebibytes / seconds:.0f} | {peak:.1f} | {output:.1f} |"
        )
    print()
    good = True
    for title, sizes in measured.items():
        (first, time, memory), (last, later_time, later_memory) = sizes[0], sizes[-1]
        flat = later_time <= GROWTH * time and later_memory <= GROWTH * memory
        good = good and flat
        print(
            f"- {title}: over {last / first:.0f} times the session, {later_time / time:.2f} times the seconds per MiB "
            f"and {later_memory / memory:.2f} times the memory: {'flat' if flat else 'not flat'}"
        )
    return 0 if good else 1


sys.exit(main())
