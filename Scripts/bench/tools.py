"""The table of tools: the recorders that Spawnscope is compared with, how each is started, and how many spawns it saw."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field

from bench.processes import first_line
from bench.summary import Summary

PERF_EVENTS = ",".join(
    [f"sched:sched_process_{name}" for name in ("fork", "exec", "exit", "wait")]
    + [f"syscalls:sys_{edge}_{name}" for name in ("execve", "clone", "clone3", "vfork", "wait4") for edge in ("enter", "exit")]
)
USER_STACKS = 'BEGIN { printf("ready\\n"); } tracepoint:syscalls:sys_enter_execve { @[ustack, comm] = count(); }'
# Both as libbpf-tools and others print them: one line for an exec. Buffered by line, so that one sees when they have begun.
LINE_BUFFERED = ["stdbuf", "-oL"]
# Each process has a stack of its own, and its map of 4,096 is full after as many spawns.
MANY_STACKS = ["env", "BPFTRACE_MAP_KEYS_MAX=524288"]


@dataclass(eq=False)
class Tool:
    key: str
    title: str
    # Before the command to record; {output} is a file. Of a tool that runs beside it, the whole command.
    words: list
    # What a tool that runs beside the command prints once it records.
    ready: str = ""
    # Every spawn costs so much that loops are shorter under it.
    slow: bool = False
    # How the number of executions of /bin/true is read from what it left: a function of Reading.
    seen: object = None
    tags: set = field(default_factory=set)
    # Programs that cannot run under it.
    cannot: tuple = ()

    @property
    def is_beside(self):
        return bool(self.ready)

    @property
    def program(self):
        return next((word for word in self.words if word not in LINE_BUFFERED + MANY_STACKS), "")

    def missing(self):
        """Why it cannot be used here, or nothing."""
        if self.program and not shutil.which(self.program):
            return f"{self.program} could not be had (Debian's packages)"
        return ""


@dataclass
class Reading:
    """What a recording left: the file, what the tool printed on standard output and error, and where Spawnscope is."""

    output: str
    printed: str
    errors: str
    spawnscope: str


def matching_lines(path, pattern):
    expression = re.compile(pattern)
    with open(path, encoding="utf-8", errors="replace") as lines:
        return sum(bool(expression.search(line)) for line in lines)


def seen_by_spawnscope(reading):
    return summary_of(reading).spawns


def summary_of(reading):
    with open(reading.errors, encoding="utf-8", errors="replace") as text:
        return Summary(text.read())


def seen_by_perf(reading):
    words = ["perf", "script", "-i", reading.output, "-F", "event,trace", "--no-demangle"]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        return sum("sched_process_exec" in line and "filename=/bin/true" in line for line in process.stdout)


def seen_in_file(pattern):
    return lambda reading: matching_lines(reading.output, pattern)


def seen_printed(pattern):
    return lambda reading: matching_lines(reading.printed, pattern)


def seen_by_bpftrace(reading):
    with open(reading.printed, encoding="utf-8", errors="replace") as lines:
        text = lines.read()
    counts = re.findall(r"^@\[.*?, (\S+)\]: (\d+)$", text, re.MULTILINE | re.DOTALL)
    return sum(int(count) for comm, count in counts if comm in ("two_loops", "spawn_latency"))


def tools(spawnscope):
    record = [spawnscope, "record", "-o", "{output}"]
    perf = ["perf", "record", "-q", "-N", "-e", PERF_EVENTS, "-o", "{output}"]
    dwarf = ["--call-graph", "dwarf,16384", "-m", "16M"]
    executed = r'execve\("/bin/true"'
    # perf 6.1 prints the pointer, and the name of the thread as it is when the call returns.
    traced = r" (true|:\d+)/\d+ .*execve\(.*= 0"
    own = {"spawnscope"}
    return [
        Tool("bare", "bare", []),
        Tool(
            "counts",
            "Spawnscope, counts only (`--no-syscalls --stack-size 0`)",
            [*record, "--no-syscalls", "--stack-size", "0", "--"],
            seen=seen_by_spawnscope,
            tags=own,
        ),
        Tool(
            "callsites",
            "Spawnscope, call sites by frame pointers (`--stack-size 0`)",
            [*record, "--stack-size", "0", "--"],
            seen=seen_by_spawnscope,
            tags=own,
        ),
        Tool("stacks", "Spawnscope, complete stacks (the default)", [*record, "--"], seen=seen_by_spawnscope, tags=own),
        # Without what recording does when the command has ended, for the sections that count that.
        Tool(
            "callsites-raw",
            "Spawnscope, call sites, `--no-pack`",
            [*record, "--stack-size", "0", "--no-pack", "--"],
            seen=seen_by_spawnscope,
            tags={*own, "by name only"},
        ),
        Tool(
            "stacks-raw",
            "Spawnscope, complete stacks, `--no-pack`",
            [*record, "--no-pack", "--"],
            seen=seen_by_spawnscope,
            tags={*own, "by name only"},
        ),
        Tool(
            "link-raw",
            "Spawnscope, `--link`, `--no-pack`",
            [*record, "--link", "--no-pack", "--"],
            seen=seen_by_spawnscope,
            tags={*own, "by name only"},
        ),
        Tool(
            "traced-raw",
            "Spawnscope, `--recorder traced`, `--no-pack`",
            [*record, "--recorder", "traced", "--no-pack", "--"],
            seen=seen_by_spawnscope,
            tags={*own, "by name only"},
        ),
        Tool("samples", "Spawnscope, `--sample 999`", [*record, "--sample", "999", "--"], seen=seen_by_spawnscope, tags=own),
        Tool("perf", "`perf record -a`", [*perf, "-a", "--"], seen=seen_by_perf),
        Tool("perf-g", "`perf record -a -g`", [*perf, "-a", "-g", "--"], seen=seen_by_perf),
        Tool("perf-dwarf", "`perf record -a --call-graph dwarf,16384`", [*perf, "-a", *dwarf, "--"], seen=seen_by_perf),
        Tool("inherited", "`perf record`, inherited", [*perf, "--"], seen=seen_by_perf),
        Tool("inherited-g", "`perf record -g`, inherited", [*perf, "-g", "--"], seen=seen_by_perf),
        Tool("inherited-dwarf", "`perf record --call-graph dwarf,16384`, inherited", [*perf, *dwarf, "--"], seen=seen_by_perf),
        Tool("perf-trace", "`perf trace`", ["perf", "trace", "-o", "{output}", "--"], slow=True, seen=seen_in_file(traced)),
        Tool(
            "perf-trace-5",
            "`perf trace`, 5 calls",
            ["perf", "trace", "-o", "{output}", "-e", "execve,clone,clone3,vfork,wait4", "--"],
            seen=seen_in_file(traced),
        ),
        Tool("strace", "`strace -f`", ["strace", "-f", "-qq", "-o", "{output}", "--"], slow=True, seen=seen_in_file(executed)),
        Tool(
            "strace-seccomp",
            "`strace -f --seccomp-bpf -e trace=process`",
            ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=process", "-o", "{output}", "--"],
            slow=True,
            seen=seen_in_file(executed),
        ),
        Tool(
            "bpftrace",
            "`bpftrace`, execve by `ustack`, room for 524,288",
            [*MANY_STACKS, "bpftrace", "-B", "line", "-e", USER_STACKS],
            ready="ready",
            seen=seen_by_bpftrace,
        ),
        Tool("execsnoop", "execsnoop of libbpf-tools", [*LINE_BUFFERED, "execsnoop"], ready="PCOMM", seen=seen_printed(r"^true ")),
        Tool(
            "forkstat",
            "forkstat (seen: named rightly)",
            ["forkstat", "-l", "-e", "fork,exec,exit"],
            ready="Process",
            seen=seen_printed(r" exec .*\btrue\b"),
        ),
        Tool(
            "ltrace",
            "`ltrace -f`, functions that spawn",
            ["ltrace", "-f", "-e", "posix_spawn*+fork+vfork+exec*+wait*", "-o", "{output}", "--"],
            slow=True,
            seen=seen_in_file(r"->posix_spawn\("),
            cannot=("go",),
        ),  # it ends where a program has no dynamic symbols
    ]


def versions():
    """What the tools call themselves, by program; nothing of those that are not there."""
    found = {
        "perf": first_line(["perf", "--version"]),
        "strace": first_line(["strace", "-V"]),
        "bpftrace": first_line(["bpftrace", "-V"]),
        "execsnoop": first_line(["dpkg-query", "-W", "-f", "libbpf-tools ${Version}", "libbpf-tools"]),
        "forkstat": first_line(["forkstat", "-h"]),
        "ltrace": first_line(["ltrace", "-V"]),
        "valgrind": first_line(["valgrind", "--version"]),
        "perl": first_line(["perl", "-e", 'print "perl $^V"']),
    }
    return {name: text for name, text in found.items() if shutil.which(name) and text}
