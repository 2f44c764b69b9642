"""How fast recordings are read: spawnscope beside perf script with stackcollapse-perf.pl, and perf report, on files of three sizes."""

import json
import os
import pathlib
import shlex
import signal
import subprocess
import time

import benchmark_folds
from measured_runs import spread

LIMIT = 240
# Rounds where seven would take too long, by what the file's size is at least: the peers' time on the largest is minutes.
PEER_ROUNDS = ((1000, 1), (100, 3), (0, 7))
OWN_ROUNDS = ((1000, 3), (0, 7))
COLD_ROUNDS = {False: 7, True: 3}  # by whether it is a peer
PROGRAMS_RECORDED = ("two_loops;", "busy;", "true;")


def record_by_perf(bench, path, mebibytes, dwarf):
    """cpu-clock samples of spawn loops and a busy program, until the file has the size."""
    loads = [subprocess.Popen([bench.program("two_loops"), "600s"], stdout=subprocess.DEVNULL),
             subprocess.Popen([bench.program("busy"), "600000"], stdout=subprocess.DEVNULL)]
    how = ["-F", "4000", "--call-graph", "dwarf,8192", "-m", "16M"] if dwarf else ["-F", "50000", "-g"]
    recorder = subprocess.Popen(["perf", "record", "-q", "-N", "-a", "-e", "cpu-clock", *how, "-o", str(path)],
                                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 240
    try:
        while recorder.poll() is None and time.monotonic() < end and size_of(path) < mebibytes << 20:
            time.sleep(0.05)
    finally:
        if recorder.poll() is None:
            recorder.send_signal(signal.SIGTERM)
        recorder.wait()
        for load in loads:
            load.kill()
            load.wait()
    return size_of(path) > 0


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def record_by_spawnscope(bench, directory, sizes):
    """A session of a hundred call sites, repeated until it is as large as is asked."""
    small = directory / "small.data"
    run_quietly([bench.spawnscope, "record", "-q", "--no-pack", "-o", str(small), "--", bench.program("hundred_paths"), "10"])
    maker = [bench.options.python, str(pathlib.Path(__file__).with_name("make_large_session.py")), str(small)]
    for mebibytes in sizes:
        spawns = 1000 * (mebibytes << 20) // size_of(small)
        run_quietly([*maker, str(max(1, spawns)), str(directory / f"session-{mebibytes}.data")])


def run_quietly(words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"benchmark: status {done.returncode} of {shlex.join(words)}: {done.stderr.strip()[-300:]}")


def time_once(bench, command, cold, path):
    """One run of a shell command; nothing if it does not end in time or fails."""
    if cold:
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
    with open(path, "rb") as file:  # the recording itself is always in the page cache: what is cold are programs and symbols
        while file.read(1 << 22):
            pass
    result = bench.scratch / "analysis.json"
    result.unlink(missing_ok=True)
    words = [bench.program("measure"), str(result), "bash", "-c", f"set -o pipefail; {command}"]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None
    return json.loads(result.read_text()) if process.returncode == 0 and result.exists() else None


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
        if bench.options.stackcollapse:
            collapse = shlex.quote(bench.options.stackcollapse)
            found.append(("perf script | stackcollapse-perf.pl", f"perf script -i {file} | perl {collapse} >{out}", True))
        else:
            found.append(("perf script", f"exec perf script -i {file} >/dev/null", True))
        found.append(("perf report -g folded", f"exec perf report -i {file} -g folded --no-inline --stdio >{out}", True))
    return found


def same_stacks(bench, path):
    """How many folded lines of the programs recorded here the two readers have, and how many of them differ. (What else runs on the
    machine may have names of which perf script's text does not say where they end.)"""
    stacks = subprocess.run([bench.spawnscope, "fold", str(path), "--event", "cpu-clock", "--names", "perf"], check=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace").stdout
    ours, theirs = ({line for line in lines if line.startswith(PROGRAMS_RECORDED)}
                    for lines in (stacks.splitlines(), benchmark_folds.lines(benchmark_folds.fold(path, "cpu-clock"))))
    return {"lines": len(theirs), "different": len(ours ^ theirs)}


def analysis(bench):
    directory = pathlib.Path(bench.options.scratch) / "recordings"
    directory.mkdir(exist_ok=True)
    sizes = bench.options.sizes
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
    return {"rows": rows, "same": same, "stackcollapse": bool(bench.options.stackcollapse)}


def rounds_for(table, mebibytes, rounds):
    return min(rounds, next(number for least, number in table if mebibytes >= least))


def measure_file(bench, kind, mebibytes, path):
    found = {}
    chosen = commands(bench, kind, path)
    for number in range(bench.rounds):
        for key, command, peer in chosen if number % 2 == 0 else list(reversed(chosen)):
            if number >= rounds_for(PEER_ROUNDS if peer else OWN_ROUNDS, mebibytes, bench.rounds):
                continue
            # Cold: programs, libraries and their symbols are read from the disk.
            with_cold = number < COLD_ROUNDS[peer] and mebibytes < (100 if peer else 1000)
            for cold in (False, True) if with_cold else (False,):
                found.setdefault((key, cold, peer), []).append(time_once(bench, command, cold, path))
    size = size_of(path)
    return [command_row(bench, {"kind": kind, "mebibytes": mebibytes, "bytes": size, "command": key, "cold": cold, "peer": peer}, runs)
            for (key, cold, peer), runs in found.items()]


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
