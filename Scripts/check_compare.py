#!/usr/bin/env python3
"""Compares a spawn loop with itself and with slower ones on a busy machine, and tells what other rules say of the same runs.

    check_compare.py run SPAWNSCOPE SPAWN_LOOP DATA SCRATCH [--same N] [--slower N] [--runs N] [--time-runs N] [--count N]
        [--kinds KIND,…] [--seconds N]
    check_compare.py table DATA

`run` adds a line of JSON to DATA for each comparison, and goes on where an earlier one ended; with --seconds it begins no comparison
after that time. Kinds that change no count, so that times have to tell, get --time-runs runs a side, the others --runs. `table` prints Markdown, and exits with 1 where there are false alarms or undetected changes.
Each comparison is `spawnscope compare --runs N` of two scripts; with itself while a load starts and stops at random. The slower scripts:

    environment   variables as large as makes the overhead larger by the percentage, which is measured on the idle machine
    misses        as many directories without the program before the one that has it in PATH, likewise
    shell         the percentage of the spawns have a shell in between
"""

import argparse
import contextlib
import json
import math
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

KINDS = ("environment", "misses", "shell")
BY_TIMES = ("environment",)
# A variable is at most 32 pages, less the name (linux/binfmts.h); several make up more.
PIECE = 100_000


def load():
    """Busy for up to two seconds, and idle for up to two, for ever: spawns and arithmetic. Ends with its parent."""
    parent = os.getppid()
    while os.getppid() == parent:
        end = time.monotonic() + random.uniform(0.1, 2)
        spawns = random.random() < 0.5
        while time.monotonic() < end:
            if spawns:
                subprocess.run(["/bin/true"], check=False)
            else:
                sum(number * number for number in range(20_000))
        time.sleep(random.uniform(0.1, 2))


@contextlib.contextmanager
def busy(wanted):
    child = os.fork() if wanted else None
    if child == 0:
        try:
            load()
        finally:
            os._exit(0)
    try:
        yield
    finally:
        if child:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)


class Bench:
    def __init__(self, options):
        self.options = options
        self.scratch = pathlib.Path(options.scratch)
        # By kind: the size that makes the overhead twice as large.
        self.slopes = {}

    def script(self, name, kind=None, size=0, costs=True):
        """A script that runs the loop; `size` is bytes, directories or percent, by the kind. Without `costs` it does the same, for nothing."""
        count = self.options.count
        loop = f"exec {self.options.loop} -m posix_spawnp"
        lines = ["PATH=/bin"]
        if kind == "environment":
            pieces = [min(PIECE, size - start) for start in range(0, size, PIECE)]
            lines += [f"PAD{n}=$(head -c {piece} /dev/zero | tr '\\0' x)" for n, piece in enumerate(pieces)]
            lines += [f"export PAD{n}" for n, _ in enumerate(pieces) if costs]
        elif kind == "misses" and costs:
            lines = ["PATH=" + ":".join([f"/nonexistent/{n}" for n in range(size)] + ["/bin"])]
        elif kind == "shell":
            other = count * size // 100
            count -= other
            lines += [f"{self.options.loop} -m {'system' if costs else 'posix_spawn'} {other} >/dev/null"]
        path = self.scratch / f"{name}.sh"
        path.write_text("\n".join(["export PATH", *lines, f"{loop} {count} >/dev/null"]) + "\n")
        return path

    def compare(self, base, head, runs):
        directory = self.scratch / "sessions"
        subprocess.run(["rm", "-rf", "--", directory], check=True)
        command = [self.options.spawnscope, "compare", "--runs", str(runs), "--output-dir", str(directory), "--format", "json"]
        command += ["--base-command", f"/bin/sh {base}", "--head-command", f"/bin/sh {head}"]
        process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if process.returncode not in (0, 1, 3):
            raise SystemExit(f"status {process.returncode}: {process.stderr.decode(errors='replace')}")
        report = json.loads(process.stdout)
        # The same sessions, given as files, are in turns again.
        times = self.again(directory, ["--gate", "none", "--gate", "overhead", "--gate", "duration"])
        return {
            "status": process.returncode,
            "by_times": times["exit_status"],
            "worse": [gate["metric"] for gate in report["gates"] if gate["verdict"] == "worse"],
            "problems": [problem["kind"] for problem in report["problems"] if problem.get("blocks")],
            "values": {
                gate["metric"]: [gate[side]["values"] for side in ("base", "head")]
                for gate in report["gates"] if gate["metric"] in ("overhead", "duration")
            },
        }

    def again(self, directory, more):
        sides = {side: sorted(str(path) for path in directory.glob(f"{side}-*.data")) for side in ("base", "head")}
        command = [self.options.spawnscope, "compare", "--format", "json", "--allow-different-machines", *more]
        process = subprocess.run(command + ["--base", *sides["base"], "--head", *sides["head"]], stdout=subprocess.PIPE, check=False)
        return json.loads(process.stdout)

    def overhead(self, path):
        """Nanoseconds a spawn of one run."""
        session = self.scratch / "trial.data"
        subprocess.run([self.options.spawnscope, "record", "-o", session, "--", "/bin/sh", path], check=True, stderr=subprocess.DEVNULL)
        report = subprocess.run([self.options.spawnscope, "report", "--format", "json", "--program", "*true", session], stdout=subprocess.PIPE, check=True)
        phases = json.loads(report.stdout)["phases"]
        # What the recorder left behind closes its events.
        time.sleep(1)
        return sum(phases[name]["p50_ns"] for name in ("create", "wake", "prepare", "search", "exec") if name in phases)

    def more(self, kind, size):
        """The part by which the overhead is larger, the median of runs beside runs without."""
        base, head = self.script("bare", kind, size, costs=False), self.script("trial", kind, size)
        return statistics.median(self.overhead(head) / self.overhead(base) for _ in range(25)) - 1

    def size(self, kind, percent):
        """What makes the overhead larger by so much: up to a half more it is a line over the size, whose slope a large size tells best."""
        if kind == "shell":
            return percent
        if kind not in self.slopes:
            large = 90_000 if kind == "environment" else 25
            self.slopes[kind] = large / self.more(kind, large)
        return max(1, round(self.slopes[kind] * percent / 100))


def plan(options):
    """The comparisons by name: first those that noise disturbs most, the others mixed, so that what is interrupted has some of each."""
    names = [("same", None, 0, number) for number in range(options.same)]
    for percent in (10, 30):
        names += [(kind, kind, percent, number) for number in range(math.ceil(options.slower / len(KINDS))) for kind in KINDS][: options.slower]
    random.Random(1).shuffle(names)
    return sorted(names, key=lambda name: (name[1] not in BY_TIMES, name[2] if name[1] in BY_TIMES else 0))


def run(options):
    bench = Bench(options)
    bench.scratch.mkdir(parents=True, exist_ok=True)
    data = pathlib.Path(options.data)
    lines = [json.loads(line) for line in data.read_text().splitlines()] if data.exists() else []
    sizes = {(line["kind"], line["percent"]): line["size"] for line in lines if "size" in line}
    done = {(line["kind"], line["percent"], line["number"]) for line in lines if "status" in line}
    end = time.monotonic() + options.seconds
    with data.open("a") as stream:
        def write(line):
            print(json.dumps(line), file=stream, flush=True)
        for kind in options.kinds:
            for percent in (10, 30):
                if options.slower > 0 and (kind, percent) not in sizes:
                    sizes[kind, percent] = bench.size(kind, percent)
                    write({"kind": kind, "percent": percent, "size": sizes[kind, percent]})
        for name, kind, percent, number in plan(options):
            if (name, percent, number) in done or (kind and kind not in options.kinds):
                continue
            if time.monotonic() > end:
                print("out of time: run it again to go on", file=sys.stderr)
                break
            size = sizes[kind, percent] if kind else 0
            base = bench.script("base", kind, size, costs=False)
            head = bench.script("head", kind, size)
            with busy(name == "same"):
                runs = options.time_runs if kind in BY_TIMES else options.runs
                result = bench.compare(base, head, runs)
            write({"kind": name, "percent": percent, "number": number, "runs": runs, **result})
            print(f"{name} {percent}% #{number}: {result['status']} {result['worse']}", file=sys.stderr)


def rank_sum_p(base, head):
    """The two-sided p-value of Mann and Whitney's U by all arrangements, as benchstat tests; ties count a half."""
    def statistic(first, second):
        return sum((a < b) + (a == b) / 2 for a in first for b in second)
    # Without ties the number of arrangements by U follows from a recurrence.
    ways = {}

    def count(m, n, u):
        if u < 0 or u > m * n:
            return 0
        if m == 0 or n == 0:
            return 1 if u == 0 else 0
        key = (m, n, u)
        if key not in ways:
            ways[key] = count(m - 1, n, u - n) + count(m, n - 1, u)
        return ways[key]

    m, n = len(base), len(head)
    u = statistic(base, head)
    low = math.floor(min(u, m * n - u))
    return min(1, 2 * sum(count(m, n, value) for value in range(low + 1)) / math.comb(m + n, m))


def rules(base, head):
    """What others would say: whether the head is slower."""
    means = statistics.fmean(base), statistics.fmean(head)
    ratio = means[1] / means[0]
    spread = ratio * math.hypot(statistics.stdev(base) / means[0], statistics.stdev(head) / means[1])
    median = statistics.median(head) / statistics.median(base)
    return {
        "threshold": ratio > 1.05,
        # "A ran 1.10 ± 0.03 times faster than B"
        "hyperfine": ratio - spread > 1,
        "benchstat": rank_sum_p(base, head) < 0.05 and median > 1,
    }


def table(options):
    lines = [json.loads(line) for line in pathlib.Path(options.data).read_text().splitlines()]
    results = [line for line in lines if "status" in line]
    sizes = {(line["kind"], line["percent"]): line["size"] for line in lines if "size" in line}
    units = {"environment": "bytes more", "misses": "directories more", "shell": "% of the spawns by a shell"}
    print("| head | comparisons | runs a side, at most | noise of a run | worse | by times alone | cannot tell | bare 5%, duration | overhead | hyperfine, duration | overhead "
          "| benchstat's test, duration | overhead |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    bad = 0
    groups = [("same", 0)] + [(kind, percent) for percent in (10, 30) for kind in KINDS]
    for kind, percent in groups:
        group = [line for line in results if line["kind"] == kind and line["percent"] == percent]
        if not group:
            continue
        said = {metric: [rules(*line["values"][metric]) for line in group] for metric in ("duration", "overhead")}
        noise = statistics.median(statistics.stdev(side) / statistics.fmean(side) for line in group for side in line["values"]["overhead"])
        cells = [group[0]["runs"], f"{100 * noise:.0f}%", sum(line["status"] == 1 for line in group), sum(line["by_times"] == 1 for line in group), sum(line["status"] == 3 for line in group)]
        for rule in ("threshold", "hyperfine", "benchstat"):
            cells += [sum(of[rule] for of in said[metric]) for metric in ("duration", "overhead")]
        name = "the same" if kind == "same" else f"+{percent}%, {sizes[kind, percent]} {units[kind]}"
        print(f"| {name} | {len(group)} | " + " | ".join(map(str, cells)) + " |")
        # Among 50 comparisons a rate of 1% has two false alarms once in eleven times, three once in seventy.
        found = sum(line["status"] == 1 for line in group)
        wrong = found if kind == "same" else len(group) - found
        bad += wrong > (0.02 * len(group) if kind == "same" else 0.1 * len(group))
    incomplete = sum(bool(line["problems"]) for line in results)
    print(f"\nOf {len(results)} comparisons {incomplete} had sessions that were cut, lost events or failed.")
    sys.exit(1 if bad else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="name", required=True)
    runs = commands.add_parser("run")
    for name in ("spawnscope", "loop", "data", "scratch"):
        runs.add_argument(name)
    for name, value in (("same", 50), ("slower", 30), ("runs", 10), ("time-runs", 80), ("count", 300), ("seconds", 1 << 30)):
        runs.add_argument(f"--{name}", type=int, default=value)
    runs.add_argument("--kinds", type=lambda text: [kind for kind in KINDS if kind in text.split(",")], default=KINDS)
    commands.add_parser("table").add_argument("data")
    options = parser.parse_args()
    {"run": run, "table": table}[options.name](options)


if __name__ == "__main__":
    main()
