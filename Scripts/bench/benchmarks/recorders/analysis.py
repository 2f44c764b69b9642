"""How fast recordings are read: spawnscope beside perf script with stackcollapse-perf.pl, and perf report, on files of three sizes."""

import os
import pathlib
import shlex
import time

from bench import folds
from bench.figures import spread
from bench.large_session import repeat
from bench.measured import measure
from bench.perf_recordings import record_by_perf
from bench.processes import output_of, run
from bench.rounds import alternating
from bench.workbench import fill_page_cache, size_of

LIMIT = 240
# Rounds where seven would take too long, by what the file's size is at least: the peers' time on the largest is minutes.
PEER_ROUNDS = ((1000, 1), (100, 3), (0, 7))
OWN_ROUNDS = ((1000, 3), (0, 7))
COLD_ROUNDS = {False: 7, True: 3}  # by whether it is a peer
PROGRAMS_RECORDED = ("two_loops;", "busy;", "true;")


def record_by_spawnscope(bench, directory, sizes):
    """A session of a hundred call sites, repeated until it is as large as is asked."""
    small = directory / "small.data"
    output_of(
        [bench.spawnscope, "record", "--recorder", "events", "-q", "--no-pack", "-o", small, "--", bench.program("hundred_paths"), "10"]
    )
    for mebibytes in sizes:
        repeat(small, max(1, 1000 * (mebibytes << 20) // size_of(small)), directory / f"session-{mebibytes}.data")


def time_once(bench, command, cold, path):
    """One run of a shell command; nothing if it does not end in time or fails."""
    if cold:
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
    # The recording itself is always in the page cache: what is cold are programs and symbols.
    fill_page_cache(path)
    return measure(bench, ["bash", "-c", f"set -o pipefail; {command}"], LIMIT)


def commands(bench, kind, path):
    """(key, shell command, whether it is a peer) for a kind of recording."""
    own, file, out = shlex.quote(bench.spawnscope), shlex.quote(str(path)), shlex.quote(str(bench.scratch / "analysis.out"))
    if kind == "session":
        found = [
            ("fold", f"exec {own} fold {file} >{out}", False),
            ("report", f"exec {own} report {file} >{out}", False),
            ("flamegraph", f"exec {own} flamegraph -o {out} {file}", False),
            # 3 is its word for a side of one run, 1 for a worse one.
            ("compare", f"{own} compare --base {file} --head {file} >{out} || [ $? -le 3 ]", False),
            ("pack", f"exec {own} pack -o {out} {file}", False),
            ("perf script", f"exec perf script -i {file} >/dev/null", True),
        ]
    else:
        # With perf's names the kernel's callchains are folded as they are: pieces of stack would not be unwound, which perf script does.
        names = "--names perf" if kind == "fp" else "--names best"
        fold = f"{own} fold {file} --event cpu-clock {names} >{out}"
        found = [("fold", f"exec {fold}", False), ("fold, one core", f"exec taskset -c 0 {fold}", False)]
        if bench.stackcollapse:
            collapse = shlex.quote(bench.stackcollapse)
            found.append(("perf script | stackcollapse-perf.pl", f"perf script -i {file} | perl {collapse} >{out}", True))
        else:
            found.append(("perf script", f"exec perf script -i {file} >/dev/null", True))
        found.append(("perf report -g folded", f"exec perf report -i {file} -g folded --no-inline --stdio >{out}", True))
    return found


def same_stacks(bench, path):
    """How many folded lines of the programs recorded here the two readers have, and how many of them differ. (What else runs on the
    machine may have names of which perf script's text does not say where they end.)"""
    stacks = run([bench.spawnscope, "fold", path, "--event", "cpu-clock", "--names", "perf"]).stdout
    ours, theirs = (
        {line for line in lines if line.startswith(PROGRAMS_RECORDED)}
        for lines in (stacks.splitlines(), folds.lines(folds.fold(path, "cpu-clock")))
    )
    return {"lines": len(theirs), "different": len(ours ^ theirs)}


def analysis(bench):
    directory = bench.scratch / "recordings"
    directory.mkdir(exist_ok=True)
    sizes = bench.sizes
    rows, same = [], {}
    for kind in ("fp", "dwarf", "session"):
        if kind == "session":
            record_by_spawnscope(bench, directory, sizes)
        for mebibytes in sizes:
            path, began = directory / f"{kind}-{mebibytes}.data", time.monotonic()
            if kind != "session" and not record_by_perf(bench, path, mebibytes, kind == "dwarf"):
                bench.say(f"perf could not record {kind}")
                continue
            if kind == "fp" and mebibytes == sizes[0]:
                same = same_stacks(bench, path)
            bench.say(f"{kind}, {size_of(path) >> 20} MiB, after {time.monotonic() - began:.0f} s")
            rows += measure_file(bench, kind, mebibytes, path)
            path.unlink()
    return {"rows": rows, "same": same, "stackcollapse": bool(bench.stackcollapse)}


def rounds_for(table, mebibytes, rounds):
    return min(rounds, next(number for least, number in table if mebibytes >= least))


def measure_file(bench, kind, mebibytes, path):
    found = {}
    chosen = commands(bench, kind, path)
    for number in range(bench.rounds):
        for key, command, peer in alternating(chosen, number):
            if number >= rounds_for(PEER_ROUNDS if peer else OWN_ROUNDS, mebibytes, bench.rounds):
                continue
            # Cold: programs, libraries and their symbols are read from the disk.
            with_cold = number < COLD_ROUNDS[peer] and mebibytes < (100 if peer else 1000)
            for cold in (False, True) if with_cold else (False,):
                found.setdefault((key, cold, peer), []).append(time_once(bench, command, cold, path))
    size = size_of(path)
    return [
        command_row(bench, {"kind": kind, "mebibytes": mebibytes, "bytes": size, "command": key, "cold": cold, "peer": peer}, runs)
        for (key, cold, peer), runs in found.items()
    ]


def command_row(bench, row, runs):
    good = [run for run in runs if run]
    row["failed"] = len(runs) - len(good)
    if good:
        row |= {
            "seconds": spread(run["wall_s"] for run in good),
            "cpu_s": spread(run["user_s"] + run["system_s"] for run in good),
            "peak_kib": max(run["peak_rss_kib"] for run in good),
            # measure starts bash, which becomes the program or starts it: what is counted is beyond that.
            "processes": min(run["processes"] for run in good) - 1,
        }
    said = f"{row['seconds']['median']:.2f} s" if good else "failed"
    bench.say(f"  {row['command']}{' (cold)' if row['cold'] else ''}: {said}")
    return row
