"""What somebody else's loop over every hostile program (`bench make hostile-inputs`) adds to root's recordings of something else: wall and CPU
time of `record -- true`, in pairs of rounds with the loop and with it stopped, its greatest memory, and whether any of the programs' names is
in the session; then `-p` and `-a`, once each. Prints a row for each.
"""

import contextlib
import os
import pathlib
import random
import signal
import statistics
import subprocess
import time

from bench.figures import interval, interval_text
from bench.hostile import PROGRAM, inputs, make
from bench.page import row, table
from bench.processes import output_of, running, timed
from bench.workbench import need_root, need_spawnscope, scratch_directory

USER = "nobody"
LOOP = """
cd "$1" || exit 1
while :; do
    for input in */; do
        cd "$input" || exit 1
        ./program
        rm -f jit-*.dump
        if [ -e made ]; then
            rm -f "$(cat made)" made
        fi
        cd ..
    done
done
"""


def add_options(parser):
    parser.number("--rounds", 30, "pairs of rounds")
    parser.text("--only", "only the inputs whose name contains TEXT", default="")


def run(options):
    need_root()
    spawnscope = need_spawnscope(("record",))
    with scratch_directory() as scratch:
        directory = scratch / "inputs"
        scratch.chmod(0o711)
        for name in inputs(PROGRAM):
            if options.only in name:
                make(directory, name)
        output_of(["chown", "-R", USER, directory])
        with stranger(directory) as loop:
            Recorder(spawnscope, scratch, directory, loop).tell(options.rounds)


@contextlib.contextmanager
def stranger(directory):
    """Another user's loop, in a session of its own."""
    words = ["runuser", "-u", USER, "--", "sh", "-c", LOOP, "sh", directory]
    loop = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        time.sleep(2)
        yield loop.pid
    finally:
        # A stopped process group is killed all the same.
        os.killpg(loop.pid, signal.SIGKILL)
        loop.wait()
        for path in pathlib.Path("/tmp").glob("perf-*.map"):
            with contextlib.suppress(OSError):
                if path.owner() == USER:
                    path.unlink()


class Recorder:
    def __init__(self, spawnscope, scratch, inputs, loop):
        self.spawnscope, self.inputs, self.loop = spawnscope, str(inputs), loop
        self.session = scratch / "s.data"

    def record(self, *words):
        return timed([self.spawnscope, "record", "-q", "-o", self.session, *words])

    def names(self):
        """How many of the session's texts are of theirs."""
        text = output_of(["strings", "-a", self.session])
        return sum(self.inputs in line or "/program" in line for line in text.splitlines())

    def set_loud(self, is_loud):
        os.killpg(self.loop, signal.SIGCONT if is_loud else signal.SIGSTOP)
        time.sleep(0.05)

    def compare(self, rounds, is_both):
        walls, cpus, memory, found = [], [], [], 0
        for _ in range(rounds):
            both = {}
            for which in random.sample((False, True), 2):
                self.set_loud(which and is_both)
                both[which] = self.record("--", "true")
                found += self.names()
            walls.append(both[True].wall / both[False].wall)
            cpus.append(both[True].cpu / both[False].cpu)
            memory.append((both[True].peak_kib - both[False].peak_kib) / 1024)
        told = (interval_text(interval(values, 0.025), 2) for values in (walls, cpus))
        return [*told, f"{statistics.median(memory):+.1f}", found]

    def tell(self, rounds):
        print(table(["", "wall", "CPU", "memory, MiB", "their names"], []))
        for name, is_both in (("quiet beside quiet", False), ("the loop beside quiet", True)):
            print(row([f"`record -- true`, {name}", *self.compare(rounds, is_both)]), flush=True)
        self.set_loud(True)
        with running(["sh", "-c", "while :; do /bin/true; sleep 0.05; done"]) as [own]:
            usage = self.record("-p", own.pid, "--duration", "2s")
        print(row(["`-p PID --duration 2s`", *told(usage), f"{usage.peak_kib / 1024:.0f} in all", self.names()]), flush=True)
        usage = self.record("-a", "--duration", "5s")
        size = self.session.stat().st_size >> 20
        print(row(["`-a --duration 5s`", *told(usage), f"{usage.peak_kib / 1024:.0f} in all, {size} on disk", "all"]), flush=True)


def told(usage):
    return f"{usage.wall:.2f} s", f"{usage.cpu:.2f} s"
