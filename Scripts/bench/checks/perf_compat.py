"""Spawnscope and perf read each other's files: what perf recorded folds to the same lines here as by `perf script | stackcollapse-perf.pl`,
and what Spawnscope recorded is read by perf without a word on standard error, stack dumps included.

STACKCOLLAPSE names a stackcollapse-perf.pl (Brendan Gregg's FlameGraph collection; not part of Spawnscope); without it only perf's reading
of a session is checked. KEEP=1 keeps the recordings.
"""

import os
import re
import shutil
from collections import Counter

from bench import processes
from bench.failure import CONFIGURATION, Failure
from bench.folds import collapse, stackcollapse
from bench.page import Table, compose, write_page
from bench.processes import first_line, running, say
from bench.workbench import workbench

INTRODUCTION = """
Recordings of perf folded by both, and sessions of Spawnscope read by perf ("silent": nothing on standard error). Those that are
folded by both have no stack dumps (`--stack-size 0`): perf unwinds dumps itself and puts what it finds behind the kernel's callchain,
so that its lines begin with functions that called nothing, such as `clone3;[unknown];clone3`.
"""
TRACEPOINTS = "sched:sched_process_fork,sched:sched_process_exec,sched:sched_process_exit,syscalls:sys_enter_execve"
GOOD = ("equal", "silent", "no stacks", "perf only")


def add_options(parser):
    parser.output(None)
    parser.flag("--perf-only", "leave spawnscope out: shows what would be compared")


def run(options):
    script = stackcollapse()
    if not script:
        say("STACKCOLLAPSE is not set: folded stacks are not compared")
    commands = () if options.perf_only else ("record", "fold")
    with workbench(*commands, purpose="bench", program=not options.perf_only) as bench:
        compatibility = Compatibility(bench, script, options.perf_only)
        if script:
            record_by_perf(bench, compatibility)
        if not options.perf_only:
            record_by_spawnscope(bench, compatibility)
        table = compatibility.table
        if not table.rows:
            raise Failure("nothing was checked: set STACKCOLLAPSE, or leave out --perf-only", CONFIGURATION)
        if options.output:
            beside = [first_line(["perf", "--version"])]
            text = compose("Beside perf", INTRODUCTION, options, table, beside=beside, environment="STACKCOLLAPSE=… ")
            write_page(options.output, text)
    if compatibility.bad:
        raise Failure(f"{compatibility.bad} of {len(table.rows)} rows are not as they should be")


def record_by_perf(bench, check):
    busy, loop, python = [bench.program("busy"), 500], [bench.program("spawn_loop"), 200], bench.program("spawn_loop.py")
    often = ["-F", 5000, "-e", "cpu-clock"]
    check.by_perf("C, default event -g", ["-g"], busy)
    check.by_perf("C, cpu-clock -g", ["-g", "-e", "cpu-clock"], busy)
    check.by_perf("C, cpu-clock:u -g", ["-g", "-e", "cpu-clock:u"], busy)
    check.by_perf("C, cpu-clock -g -c", ["-g", "-e", "cpu-clock", "-c", 500000], busy)
    # One recording that starts while the program already runs.
    with running([bench.program("busy"), 60000]) as [started]:
        check.by_perf("C, cpu-clock -g -p", ["-g", "-e", "cpu-clock", "-p", started.pid], ["sleep", 1])
    check.by_perf("C spawns, cpu-clock -g", ["-g", *often], loop)
    check.by_perf("C spawns, cpu-clock -a -g", ["-a", "-g", *often], loop)
    check.by_perf("C call paths, newtask -g", ["-g", "-e", "task:task_newtask"], [bench.program("call_paths"), "-r", 50])
    check.by_perf("C call paths, tracepoints -a -g", ["-a", "-g", "-e", TRACEPOINTS], [bench.program("call_paths"), 50])
    check.by_perf("C, three events -g", ["-g", "-e", "cpu-clock,page-faults,context-switches"], loop)
    check.by_perf("C, cpu-clock and a tracepoint -g", ["-g", "-F", 5000, "-e", "cpu-clock,sched:sched_process_exec"], loop)
    check.by_perf("C++ threads, cpu-clock -g", ["-g", *often], [bench.program("spawn_threads"), 200])
    check.by_perf("C++ threads, newtask -a -g", ["-a", "-g", "-e", "task:task_newtask"], [bench.program("spawn_threads"), 200])
    check.by_perf("Python, cpu-clock -g", ["-g", *often], [bench.python, python, 100])
    check.by_perf("Python, newtask -g", ["-g", "-e", "task:task_newtask"], [bench.python, python, 100])
    check.by_perf("dash, cpu-clock -a -g", ["-a", "-g", *often], ["dash", bench.program("spawn_loop.sh"), 100])
    make = ["dash", bench.program("make_loop.sh"), 100]
    check.by_perf("make -j2, execve -a -g", ["-a", "-g", "-e", "syscalls:sys_enter_execve"], make)
    if bench.has("spawn_loop_go"):
        go = [bench.program("spawn_loop_go"), 200]
        events = "syscalls:sys_enter_clone,syscalls:sys_enter_execve"
        check.by_perf("Go, cpu-clock -g", ["-g", *often], go)
        check.by_perf("Go, clone and execve -a -g", ["-a", "-g", "-e", events], go)


def record_by_spawnscope(bench, check):
    loop = [bench.program("spawn_loop"), 200]
    check.by_spawnscope("session, C", [], loop)
    check.by_spawnscope("session, C call paths", [], [bench.program("call_paths"), 50])
    check.by_spawnscope("session, C --sample", ["--sample", 999], loop)
    check.by_spawnscope("session, C++ threads", [], [bench.program("spawn_threads"), 200])
    check.by_spawnscope("session, Python", [], [bench.python, bench.program("spawn_loop.py"), 100])
    check.by_spawnscope("session, dash", [], ["dash", bench.program("spawn_loop.sh"), 100])
    check.by_spawnscope("session, make -j2", [], ["dash", bench.program("make_loop.sh"), 100])
    if bench.has("spawn_loop_go"):
        check.by_spawnscope("session, Go", [], [bench.program("spawn_loop_go"), 200])
    check.by_spawnscope("session, -e execve -g", ["-e", "syscalls:sys_enter_execve", "-g"], loop)


class Compatibility:
    def __init__(self, bench, script, perf_only):
        self.bench, self.script, self.perf_only = bench, script, perf_only
        self.table, self.bad = Table("recording", "event or reader", "lines", ""), 0

    def row(self, name, what, lines, verdict):
        self.table.add(name, what, lines, verdict)
        self.bad += verdict not in GOOD

    def keep(self, name, path):
        if os.environ.get("KEEP"):
            shutil.copy(path, self.bench.scratch / f"kept-{re.sub('[^A-Za-z0-9-]', '_', name)}.data")

    def by_perf(self, name, options, words):
        """-N keeps copies of the programs out of ~/.debug, the file is the same."""
        data = self.bench.scratch / "perf.data"
        for path in self.bench.scratch.glob("perf.data*"):
            path.unlink()
        done = processes.run(["perf", "record", "-q", "-N", "-o", data, *options, "--", *words])
        if done.returncode:
            self.row(name, "-", 0, f"perf record failed: {done.stderr.partition(chr(10))[0]}")
            return
        self.keep(name, data)
        self.compare_file(name, data)

    def compare_file(self, name, data):
        """Every event of a recording, folded by both."""
        listed = processes.run(["perf", "evlist", "-i", data]).stdout.splitlines()
        for event in (line for line in listed if line and not line.startswith(("#", "dummy"))):
            self.compare_event(name, data, event)

    def compare_event(self, name, data, event):
        try:
            theirs = collapse(data, event, self.script)
        except Failure as failure:
            self.row(name, event, 0, str(failure))
            return
        if self.perf_only:
            self.row(name, event, len(theirs), "perf only")
            return
        words = [self.bench.spawnscope, "fold", data, "--event", event, "--names", "perf"]
        done = processes.run(words, errors="surrogateescape")
        ours = sorted(done.stdout.splitlines())
        # What has no samples or no callchains folds to nothing, and may well be called an error.
        if done.returncode and (theirs or ours):
            self.row(name, event, len(theirs), f"failed: {done.stderr.partition(chr(10))[0]}")
        elif not theirs and not ours:
            self.row(name, event, 0, "no stacks")
        elif theirs == ours:
            self.row(name, event, len(theirs), "equal")
        else:
            differing = differences(theirs, ours)
            self.row(name, event, len(theirs), f"different in {len(differing)} lines")
            say("\n".join(differing[:6]))

    def perf_reads(self, name, words):
        """The tool succeeds, prints something, and says nothing on standard error."""
        done, tool = processes.run(words), " ".join(words[:2])
        if done.returncode or done.stderr:
            self.row(name, tool, 0, f"status {done.returncode}: {done.stderr.partition(chr(10))[0]}")
        else:
            lines = len(done.stdout.splitlines())
            self.row(name, tool, lines, "silent" if lines else "printed nothing")

    def session(self, name, options, words):
        recording = self.bench.record(*words, options=options)
        if recording.status:
            self.row(name, "-", 0, f"spawnscope record failed: {recording.summary.text.partition(chr(10))[0]}")
            return None
        self.keep(name, recording.session)
        return recording.session

    def by_spawnscope(self, name, options, words):
        """perf reads a session as it is recorded without options. The lines are compared on one without stack dumps: perf unwinds those
        itself and puts what it finds behind the callchain of the kernel, which has the innermost frames already."""
        path = self.session(name, options, words)
        if path is None:
            return
        for reader in (["script"], ["report", "--stdio"], ["evlist", "-v"]):
            self.perf_reads(name, ["perf", *reader, "-i", path])
        if not self.script:
            return
        name += ", --stack-size 0"
        path = self.session(name, ["--stack-size", 0, *options], words)
        if path is not None:
            self.perf_reads(name, ["perf", "script", "-i", path])
            self.compare_file(name, path)


def differences(theirs, ours):
    """Lines that only one of them has, or more often: `<` perf's and `>` ours."""
    theirs, ours = Counter(theirs), Counter(ours)
    return [f"< {line}" for line in (theirs - ours).elements()] + [f"> {line}" for line in (ours - theirs).elements()]
