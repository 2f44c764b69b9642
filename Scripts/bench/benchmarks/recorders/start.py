"""What it takes to start: time of the shortest recording and of --help, the program's size and libraries; and the instructions that
folding a fixed recording takes, which do not depend on the machine's noise."""

import os
import pathlib
import re
import shutil
import subprocess

from bench.failure import Failure
from bench.figures import spread
from bench.large_session import repeat
from bench.machine import ROOT
from bench.processes import timed, wait_until_gone
from bench.rounds import interleaved

# A recording that is the same every time.
FIXTURE = ROOT / "Tests/TestSupport/Recordings/session.data"


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

    def measure(key, _):
        pathlib.Path(session).unlink(missing_ok=True)
        try:
            return timed(wanted[key]).wall
        except Failure:
            return None
        finally:
            wait_until_gone(bench.spawnscope)

    usable = [key for key in wanted if shutil.which(wanted[key][0])]
    times = interleaved(usable, measure, max(bench.rounds, 15))
    return {
        "times": {key: spread(value for value in values if value is not None) for key, values in times.items()},
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
    large = bench.scratch / "instructions.data"
    repeat(FIXTURE, 2000, large)
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
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1", "SPAWNSCOPE_WITHOUT_WORKER": "1"},
        )
        match = re.search(r"Collected : (\d+)", done.stderr)
        rows.append({"command": command[0], "instructions": int(match[1]) if match and done.returncode == 0 else None})
    return {"file": FIXTURE.name, "bytes": large.stat().st_size, "rows": rows}
