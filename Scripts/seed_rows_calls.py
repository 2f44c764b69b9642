"""Rows 2 to 5: what a spawn asks the kernel for, as several tools tell it."""

import json
import os
import statistics
import time

from seed_context import spread
from seed_row import event, ordered, report_lines, row, section, site, spawns_of


@row(
    "2", "cmd.Stdout = nil is not enough to be rid of the cost of a command's streams",
    "confirmed where a command with nil streams opens a file at least once a spawn more than one that inherits its parent's, and one whose output "
    "is collected makes a pipe more; refuted where neither does; else partly",
    "Go opens /dev/null for each stream that is nil, and makes a pipe, and a goroutine that reads it, for one that is no file. What costs "
    "nothing is a file that is open already.")
def streams(context):
    count = context.count(200, 20)
    variants = ("left-out", "inherited", "collected")

    def measure(variant, number):
        command = [context.program("row02_output_go"), variant, str(count)]
        report = context.record(f"output-{variant}{number}", command)
        spawns_of(report, count)
        counted = context.record(
            f"output-{variant}{number}-calls", command, ["-e", "syscalls:sys_enter_openat,syscalls:sys_enter_pipe2"])
        return (report, event(counted, "syscalls:sys_enter_openat")["of_roots"] / count,
                event(counted, "syscalls:sys_enter_pipe2")["of_roots"] / count,
                report["totals"]["total_ns"] / count, counted)

    results = context.interleaved(measure, variants)
    answers = []
    for number in range(context.rounds):
        base = results["inherited"][number]
        opens = results["left-out"][number][1] - base[1]
        pipes = results["collected"][number][2] - base[2]
        answers.append("confirmed" if opens >= 1 and pipes >= 0.9 else "refuted" if opens < 0.1 and pipes < 0.1 else "partly")
    for variant in variants:
        context.show(f"spawnscope record -e syscalls:sys_enter_openat,syscalls:sys_enter_pipe2 -- ./row02_output_go {variant} {count}; "
                     "spawnscope report", section(context, results[variant][-1][4]["path"], "EVENTS"))
    opened = {variant: statistics.median(entry[1] for entry in results[variant]) for variant in variants}
    piped = {variant: statistics.median(entry[2] for entry in results[variant]) for variant in variants}
    return {"answers": answers,
            "figure": ", ".join(f"{variant} {opened[variant]:.1f} opens and {piped[variant]:.1f} pipes a spawn" for variant in variants)}


@row(
    "3", "strace -c and perf record show where a program that starts programs spends its time",
    "refuted where strace -c gives execve less than half of the share of the spawners' and children's time in system calls that Spawnscope's exec "
    "phase has of the spawns' time, and slows the program to more than twice; confirmed where it does neither; else partly. All three beside "
    "each other on the same program",
    "strace stops the program at every call, and counts waiting as time in a call: what waits most comes first. perf counts calls, whatever "
    "each costs. All tools' times are with their start and end.")
def hot_spot(context):
    count = context.count(1000, 50)
    program = context.program("row01_run_true_go")
    command = [program, "/bin/true", str(count)]
    totals = os.path.join(context.directory, "strace.txt")
    recording = os.path.join(context.directory, "perf.data")
    ways = {
        "bare": command,
        "spawnscope": [context.spawnscope, "record", "-q", "-o", os.path.join(context.directory, "hot.data"), "--", *command],
        "strace": ["strace", "-f", "-c", "-o", totals, *command],
        "perf": ["perf", "record", "-q", "-g", "-e", "raw_syscalls:sys_enter", "-o", recording, "--", *command],
    }

    def measure(way, number):
        start = time.monotonic()
        context.run(ways[way])
        seconds = time.monotonic() - start
        shares = {}
        if way == "strace":
            with open(totals, encoding="utf-8") as lines:
                for line in lines:
                    words = line.split()
                    if len(words) >= 5 and words[0].replace(".", "").isdigit() and words[-1] != "total":
                        shares[words[-1]] = float(words[0])
        if way == "spawnscope":
            report = json.loads(context.text("report", "--format", "json", os.path.join(context.directory, "hot.data")))
            spawns_of(report, count)
            total = report["totals"]["total_ns"]
            shares = {name: 100 * phase["sum_ns"] / total for name, phase in report["phases"].items()}
        return seconds, shares

    results = context.interleaved(measure, list(ways))
    answers = []
    for number in range(context.rounds):
        told = results["strace"][number][1].get("execve", 0.0)
        is_hidden = told < results["spawnscope"][number][1]["exec"] / 2
        is_slow = results["strace"][number][0] > 2 * results["bare"][number][0]
        answers.append("refuted" if is_hidden and is_slow else "confirmed" if not is_hidden and not is_slow else "partly")
    with open(totals, encoding="utf-8") as lines:
        context.show(f"strace -f -c ./row01_run_true_go /bin/true {count}", [line.rstrip() for line in list(lines)[:6]])
    calls = {}
    for line in context.run(["perf", "script", "-i", recording, "-F", "trace", "-G"]).splitlines():
        words = line.split()
        if words[:1] == ["NR"]:
            calls[words[1]] = calls.get(words[1], 0) + 1
    shown = [f"{calls[number]:7} NR {number}" for number in sorted(calls, key=calls.get, reverse=True)[:4]]
    context.show(f"perf record -g -e raw_syscalls:sys_enter -- ./row01_run_true_go /bin/true {count}; "
                 "perf script -F trace -G | cut -d '(' -f 1 | sort | uniq -c | sort -rn", shown)
    context.show(f"spawnscope record -- ./row01_run_true_go /bin/true {count}; spawnscope report",
                 report_lines(context, os.path.join(context.directory, "hot.data"), "PHASE", "create", "exec", "run ", "overhead"))
    last = results["strace"][-1][1]
    top = max(last, key=last.get)
    slower = {way: [entry[0] / bare[0] for entry, bare in zip(results[way], results["bare"])] for way in ways}
    told = [entry[1].get("execve", 0.0) for entry in results["strace"]]
    ours = [entry[1]["exec"] for entry in results["spawnscope"]]
    return {"answers": answers,
            "figure": f"strace -c: {top} first, execve {spread(told, ' %', 1)}, {spread(slower['strace'], ' × bare', 1)}; Spawnscope: exec "
                      f"{spread(ours, ' %', 0)} of the spawns' time, {spread(slower['spawnscope'], ' × bare')}; perf "
                      f"{spread(slower['perf'], ' × bare')}"}


@row(
    "4", "a spawn's path can be followed from the program's line into the kernel, of a stripped program too",
    "confirmed where each creation's stack leads from main.main over main.runTool to kernel_clone, in the program as it is built and in the "
    "stripped one; refuted where none does; else partly",
    "Go keeps frame pointers and, for its own tracebacks, a table of its functions; the kernel's frames come with -g.")
def whole_path(context):
    count = context.count(100, 10)
    programs = ("row01_run_true_go", "row01_run_true_go_stripped")

    def measure(program, number):
        report = context.record(
            f"path-{program}{number}", [context.program(program), "/bin/true", str(count)], ["-e", "task:task_newtask", "-g"])
        spawns_of(report, count)
        lines = context.text("fold", "--event", "task:task_newtask", report["path"]).splitlines()
        whole = sum(int(line.rsplit(" ", 1)[1]) for line in lines
                    if ordered(line, ["main.main", "main.runTool", "syscall.forkExec", "kernel_clone"]))
        return report, whole, [line for line in lines if "main.runTool" in line]

    results = context.interleaved(measure, programs)
    answers = []
    for number in range(context.rounds):
        whole = [results[program][number][1] for program in programs]
        answers.append("confirmed" if whole == [count, count] else "refuted" if whole == [0, 0] else "partly")
    context.show(f"spawnscope record -e task:task_newtask -g -- ./row01_run_true_go_stripped /bin/true {count}; "
                 "spawnscope fold --event task:task_newtask", results[programs[1]][-1][2][:1])
    return {"answers": answers,
            "figure": " and ".join(f"{results[program][-1][1]} of {count} stacks whole {label}"
                                   for program, label in zip(programs, ("as built", "stripped")))}


@row(
    "5", "ForkExec: argv[0] must be an absolute path; a nil environment is empty and [] inherits",
    "refuted where a spawn with any argv[0] executes, one with a relative path fails with ENOENT, and both nil and [] give an environment of "
    "0 bytes, exactly as often as they were made; confirmed where all are as claimed; else partly",
    "Only the path argument decides what is executed. ForkExec gives the child no environment for nil and for [] alike; what inherits on "
    "nil is exec.Cmd.")
def fork_exec(context):
    count = context.count(20, 5)

    def measure(_, number):
        report = context.record(f"forkexec{number}", [context.program("row05_forkexec_go"), str(count)])
        spawns_of(report, 5 * count)
        return report

    reports = context.interleaved(measure, ["forkexec"])["forkexec"]
    answers = []
    for report in reports:
        executed = sum(entry["spawns"] for entry in site(report, "main.anyArgv0"))
        failures = [failure for failure in report["failures"] if failure.get("path") == "true"]
        refused = sum(failure["attempts"] for failure in failures if failure["errno"] == "ENOENT")
        sizes = {name: {entry["environment_bytes"]["max"] for entry in site(report, f"main.{name}")}
                 for name in ("nilEnvironment", "emptyEnvironment", "commandOfNilEnvironment")}
        isRefuted = (executed == count and refused == count and sizes["nilEnvironment"] == {0}
                     and sizes["emptyEnvironment"] == {0} and min(sizes["commandOfNilEnvironment"]) > 0)
        answers.append("refuted" if isRefuted else "partly")
    context.show("spawnscope record -- ./row05_forkexec_go 20; spawnscope report",
                 report_lines(context, reports[-1]["path"], "1. ", "2. ", "3. ", str(count) + "  ENOENT"))
    return {"answers": answers,
            "figure": f"{executed} of {count} with a made-up argv[0] executed; {refused} of {count} relative paths failed with ENOENT; "
                      f"environment of nil {max(sizes['nilEnvironment'])}, of [] {max(sizes['emptyEnvironment'])} bytes, of exec.Cmd "
                      f"{max(sizes['commandOfNilEnvironment'])}"}
