#!/usr/bin/env python3
"""The table of benchmark-fold.sh: benchmark_fold.py DIRECTORY SIZE THEIRS

DIRECTORY holds the runs that `measure` wrote: theirs.json of the whole of THEIRS, a pipe of perf.json and
collapse.json; and ours.json, where spawnscope was measured. SIZE is the recording's, in bytes.
"""

import pathlib
import statistics
import sys

import measured_runs


def row(title, runs, processes, size, beside=None):
    seconds = measured_runs.seconds(runs)
    cpu = statistics.median(run["user_s"] + run["system_s"] for run in runs)
    peak = " + ".join(f"{measured_runs.peak_mebibytes(process):.0f}" for process in processes)
    ratio = f"{measured_runs.seconds(beside) / seconds:.1f}" if beside else "1"
    times = measured_runs.seconds_and_range(runs)
    return f"| {title} | {times} | {cpu:.2f} | {size / seconds / 2**20:.1f} | {ratio} | {peak} |"


def main():
    if len(sys.argv) != 4 or not sys.argv[2].isdecimal():
        print(__doc__, file=sys.stderr)
        return 64
    directory, size, title = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3].replace("|", "\\|")
    theirs, perf, collapse = (measured_runs.read(directory / f"{name}.json") for name in ("theirs", "perf", "collapse"))
    print("| | seconds (range) | CPU seconds | MiB/s | times faster | peak MiB of each process |")
    print("|---|---|---|---|---|---|")
    print(row(f"`{title}`", theirs, [perf, collapse], size))
    if (directory / "ours.json").exists():
        ours = measured_runs.read(directory / "ours.json")
        print(row("`spawnscope fold --event --names perf`", ours, [ours], size, theirs))
    return 0


sys.exit(main())
