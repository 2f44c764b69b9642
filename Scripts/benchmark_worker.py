#!/usr/bin/env python3
"""What recording, packing and `record -- true` cost with two builds of the program, beside each other.

    Scripts/benchmark_worker.py BEFORE AFTER [--rounds N] [--output FILE]

BEFORE and AFTER are programs. Each round has bare, BEFORE and AFTER in turns, on one CPU, and gives the ratio of the 10% quantiles of single
spawns' CPU (the spawner's and the child's, getrusage(2)); the figure is the median over the rounds with its 5-95% bootstrap interval, with
bare beside bare to show the noise. Needs root.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

LOOP = r"""
import os, resource, sys
def used():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
costs = []
for _ in range(int(sys.argv[1])):
    before = used()
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    costs.append(used() - before)
with open(sys.argv[2], "w") as file:
    file.write(str(sorted(costs)[len(costs) // 10]))
"""


def timed(words):
    start = time.monotonic()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{words}: {status}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def interval(values):
    samples = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(2000))
    return statistics.median(values), samples[100], samples[1899]


def wait_for_closers(program):
    name = str(pathlib.Path(program).resolve())
    for _ in range(300):
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.readlink(entry / "exe") == name:
                    break
            except OSError:
                continue
        else:
            return
        time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--spawns", type=int, default=300)
    parser.add_argument("--output", default="Results/worker.md")
    options = parser.parse_args()
    programs = {"before": options.before, "after": options.after}
    random.seed(1)
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        loop = [sys.executable, "-S", "-c", LOOP, str(options.spawns), str(scratch / "cost")]

        def cost(words):
            timed(["taskset", "-c", "0", *words])
            return float((scratch / "cost").read_text())

        ratios = {"bare": [], "before": [], "after": []}
        for _ in range(options.rounds):
            bare = cost(loop)
            ratios["bare"].append(cost(loop) / bare)
            for key, program in programs.items():
                ratios[key].append(cost([program, "record", "-q", "--no-pack", "-o", str(scratch / "s.data"), "--", *loop]) / bare)
                wait_for_closers(program)
        starts = {key: [] for key in programs}
        for _ in range(options.rounds):
            for key, program in programs.items():
                starts[key].append(timed([program, "record", "-q", "-o", str(scratch / "s.data"), "--", "true"]))
                wait_for_closers(program)
        raw = scratch / "raw.data"
        stranger = subprocess.Popen(["sh", "-c", "while :; do /bin/true; done"])
        timed([programs["before"], "record", "-q", "--no-pack", "-o", str(raw), "--", *loop])
        stranger.kill()
        stranger.wait()
        packs = {key: [] for key in programs}
        sizes = {}
        for _ in range(max(5, options.rounds // 6)):
            for key, program in programs.items():
                packs[key].append(timed([program, "pack", "-q", "-o", str(scratch / f"{key}.data"), str(raw)]))
                sizes[key] = (scratch / f"{key}.data").stat().st_size
        write(options, ratios, starts, packs, sizes, raw.stat().st_size)


def write(options, ratios, starts, packs, sizes, raw):
    def row(label, values):
        return f"| {label} | " + " | ".join(values) + " |"

    def milliseconds(values, place):
        return f"{statistics.median(value[place] for value in values) * 1000:.1f} ms"

    figures = {key: interval(values) for key, values in ratios.items()}
    lines = [
        "# What the worker and leaving strangers out cost and save", "",
        f"`Scripts/benchmark_worker.py BEFORE AFTER --rounds {options.rounds}` (release builds, {os.cpu_count()} CPUs, kernel {os.uname().release}).",
        f"Bare beside bare: {figures['bare'][0]:.3f} [{figures['bare'][1]:.3f}-{figures['bare'][2]:.3f}].", "",
        "| | before | after |", "|---|---|---|",
        row("CPU of a spawn while recorded, over bare [5-95%]", [f"{figures[key][0]:.3f} [{figures[key][1]:.3f}-{figures[key][2]:.3f}]" for key in ("before", "after")]),
        row("`record -- true`, wall, median", [milliseconds(starts[key], 0) for key in ("before", "after")]),
        row("`record -- true`, CPU with its worker, median", [milliseconds(starts[key], 1) for key in ("before", "after")]),
        row(f"`pack` of {raw / 1e6:.1f} MB, half of it a stranger's, wall", [milliseconds(packs[key], 0) for key in ("before", "after")]),
        row("the same, CPU", [milliseconds(packs[key], 1) for key in ("before", "after")]),
        row("packed size", [f"{sizes[key] / 1e6:.2f} MB" for key in ("before", "after")]), "",
    ]
    text = "\n".join(lines)
    if options.output == "-":
        print(text)
    else:
        pathlib.Path(options.output).write_text(text)
    print(json.dumps(figures), file=sys.stderr)


if __name__ == "__main__":
    main()
