"""What it takes to start: time of the shortest recording and of --help, the program's size and libraries; and the instructions that
folding a fixed recording takes, which do not depend on the machine's noise."""

import os
import pathlib
import re
import shutil
import subprocess
import time

import benchmark_sessions
from benchmark_analysis import run_quietly
from measured_runs import spread


def timed(words):
    start = time.monotonic()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start if done.returncode == 0 else None


def start(bench):
    session = str(bench.scratch / "start.data")
    wanted = {
        "true": ["true"],
        "spawnscope record -- true": [bench.spawnscope, "record", "-o", session, "--", "true"],
        "spawnscope record --stack-size 0 -- true": [bench.spawnscope, "record", "-o", session, "--stack-size", "0", "--", "true"],
        "spawnscope --help": [bench.spawnscope, "--help"],
        "perf record -a -g -- true": ["perf", "record", "-q", "-N", "-a", "-g", "-e", "task:task_newtask", "-o", session, "--", "true"],
        "strace -f true": ["strace", "-f", "-qq", "-o", "/dev/null", "true"],
        "bpftrace, an empty program": ["bpftrace", "-e", "BEGIN { exit(); }"],
    }
    times = {key: [] for key in wanted if shutil.which(wanted[key][0])}
    for _ in range(max(bench.rounds, 15)):
        for key in times:
            pathlib.Path(session).unlink(missing_ok=True)
            taken = timed(wanted[key])
            benchmark_sessions.wait_until_gone(bench.spawnscope)
            if taken is not None:
                times[key].append(taken)
    return {
        "times": {key: spread(values) for key, values in times.items()},
        "bytes": os.stat(bench.spawnscope).st_size,
        "stripped_bytes": stripped_size(bench),
        "libraries": libraries(bench.spawnscope),
    }


def stripped_size(bench):
    copy = bench.scratch / "stripped"
    done = subprocess.run(["strip", "-o", str(copy), bench.spawnscope], stdin=subprocess.DEVNULL, capture_output=True)
    return copy.stat().st_size if done.returncode == 0 else None


def libraries(program):
    done = subprocess.run(["readelf", "-d", program], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout)


def instructions(bench):
    """Callgrind's count for each analysis of a recording that is the same every time, a file of the tests' repeated, so that figures
    of different days and machines are of the same work. Hashing is seeded always alike; 2% of difference was seen."""
    stripped = bench.scratch / "stripped"  # this valgrind gives up at the compiler's debug information
    if not shutil.which("valgrind"):
        return {"missing": "valgrind could not be had (Debian's packages)"}
    if stripped_size(bench) is None:
        return {"missing": "the program could not be stripped"}
    fixture, large = pathlib.Path(bench.options.fixture), bench.scratch / "instructions.data"
    maker = pathlib.Path(__file__).with_name("make_large_session.py")
    run_quietly([bench.options.python, str(maker), str(fixture), "2000", str(large)])
    rows = []
    # valgrind cannot look into a worker, and without one nobody works who has rights.
    nobody = bench.scratch / "nobody"
    nobody.mkdir(exist_ok=True)
    as_nobody = []
    if os.geteuid() == 0:
        os.chmod(bench.scratch, 0o755)
        os.chown(nobody, 65534, 65534)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    for command in (["fold"], ["report"], ["flamegraph", "-o", "/dev/null"], ["pack", "-o", str(nobody / "packed.data")]):
        words = [*as_nobody, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(stripped), *command, str(large)]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1", "SPAWNSCOPE_WITHOUT_WORKER": "1"})
        match = re.search(r"Collected : (\d+)", done.stderr)
        rows.append({"command": command[0], "instructions": int(match[1]) if match and done.returncode == 0 else None})
    return {"file": fixture.name, "bytes": large.stat().st_size, "rows": rows}
