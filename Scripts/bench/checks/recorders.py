"""Every recorder tells the same spawns, without a clock: the same spawns from every reader of ours, nothing lost, the same folded stacks.
Installs the other tools from Debian's packages; one that cannot be had is left out.
"""

import re

from bench import installing, processes
from bench.benchmarks.recorders.analysis import same_stacks
from bench.failure import Failure
from bench.folds import total
from bench.perf_recordings import record_by_perf
from bench.tool_runs import Failed, ToolBench, try_session
from bench.tools import summary_of, tools
from bench.workbench import workbench

SPAWNS = 200
# What runs around the loop inside the recording: the shell, and measure.
AROUND = 3
# They have every call, so that a spawn which they do not have is a mistake here. The others may lose some.
EXACT = ("strace", "strace-seccomp")


class Wrong(Exception):
    pass


def expect(what, found, expected):
    if found != expected:
        raise Wrong(f"{what}: {found}, expected {expected}")


def check_session(bench, tool, result):
    """Summary, report, fold and perf script of one session of Spawnscope."""
    path = result["reading"].output
    made = SPAWNS + AROUND
    expect(f"{tool.title}: spawns in the summary", tool.seen(result["reading"]), made)
    expect(f"{tool.title}: lost", summary_of(result["reading"]).lost, 0)
    report = bench.report(path, "--spawns")
    expect(f"{tool.title}: spawns in the report", report["totals"]["spawns"], made)
    expect(f"{tool.title}: lost in the report", report["session"]["lost"], 0)
    expect(f"{tool.title}: sum of fold", total(bench.ask("fold", path)), made)
    pids = {spawn["pid"] for spawn in report["spawns"]}
    script = processes.run(["perf", "script", "-i", path, "-F", "pid,event,trace"])
    # The recording is of the whole machine, and others may start the same program.
    told = r"^ *(\d+).*(?:sched_process_exec: +filename=|spawnscope:exec: +executes )/bin/true\b"
    executed = re.findall(told, script.stdout, re.MULTILINE)
    expect(f"{tool.title}: executions of /bin/true in perf script", sum(int(pid) in pids for pid in executed), SPAWNS)


def check_tools(bench):
    for tool in bench.usable():
        # posix_spawn by the loop; ltrace sees what a program calls, and so the loop's own calls.
        result = try_session(bench, tool, [("loop", [bench.program("spawn_latency"), str(SPAWNS)], None)], 60)
        if result is None:
            if "spawnscope" in tool.tags:
                raise Wrong(f"{tool.title}: {'; '.join(bench.remarks[tool.key])}")
            continue
        expect(f"{tool.title}: spawns made", result["steps"]["loop"]["made"], SPAWNS)
        if "spawnscope" in tool.tags:
            check_session(bench, tool, result)
            bench.say(f"{tool.title}: {SPAWNS} spawns, in every reader")
            continue
        seen = tool.seen(result["reading"])
        if tool.key in EXACT:
            expect(f"{tool.title}: executions seen", seen, SPAWNS)
        bench.say(f"{tool.title}: {seen} of {SPAWNS}")


def check_stacks(bench):
    path = bench.scratch / "stacks.data"
    if not record_by_perf(bench, path, 1, dwarf=False):
        raise Wrong("perf could not record")
    same = same_stacks(bench, path)
    if not same["lines"] or same["different"]:
        raise Wrong(f"folded stacks: {same['different']} of {same['lines']} lines are not those of perf script")
    bench.say(f"{same['lines']} folded lines are those of perf script")


def add_options(parser):
    """None."""


def run(options):
    with workbench("record", "report", "fold") as bench:
        installing.call("install_peers")
        bench = ToolBench(bench, tools(bench.spawnscope), rounds=1)
        wrong = 0
        for step in (check_tools, check_stacks):
            try:
                step(bench)
            except (Wrong, Failed, Failure) as failure:
                bench.say(f"wrong: {failure}")
                wrong = 1
        for key, lines in bench.remarks.items():
            bench.say(f"{key}: {'; '.join(lines)}")
    return wrong
