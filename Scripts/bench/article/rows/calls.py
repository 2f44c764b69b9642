"""Rows 2 to 5: what a spawn asks the kernel for, as several tools tell it."""

import json
import os
import re
import statistics
import time

from bench.article.row import event, ordered, report_lines, row, section, site, spawns_of
from bench.figures import range_text


@row(
    "2",
    "cmd.Stdout = nil is not enough to be rid of the cost of a command's streams",
    "confirmed where a command with nil streams opens a file at least once a spawn more than one that inherits its parent's, and one whose output "
    "is collected makes a pipe more; refuted where neither does; else partly",
    "Go opens /dev/null for each stream that is nil, and makes a pipe, and a goroutine that reads it, for one that is no file. What costs "
    "nothing is a file that is open already.",
)
def streams(context):
    count = context.count(200, 20)
    variants = ("left-out", "inherited", "collected")

    def measure(variant, number):
        command = [context.program("row02_output_go"), variant, str(count)]
        report = context.record(f"output-{variant}{number}", command)
        spawns_of(report, count)
        counted = context.record(f"output-{variant}{number}-calls", command, ["-e", "syscalls:sys_enter_openat,syscalls:sys_enter_pipe2"])
        return (
            report,
            event(counted, "syscalls:sys_enter_openat")["of_roots"] / count,
            event(counted, "syscalls:sys_enter_pipe2")["of_roots"] / count,
            report["totals"]["total_ns"] / count,
            counted,
        )

    results = context.interleaved(measure, variants)
    answers = []
    for number in range(context.rounds):
        base = results["inherited"][number]
        opens = results["left-out"][number][1] - base[1]
        pipes = results["collected"][number][2] - base[2]
        answers.append("confirmed" if opens >= 1 and pipes >= 0.9 else "refuted" if opens < 0.1 and pipes < 0.1 else "partly")
    for variant in variants:
        context.show(
            f"spawnscope record -e syscalls:sys_enter_openat,syscalls:sys_enter_pipe2 -- ./row02_output_go {variant} {count}; "
            "spawnscope report",
            section(context, results[variant][-1][4]["path"], "EVENTS"),
        )
    opened = {variant: statistics.median(entry[1] for entry in results[variant]) for variant in variants}
    piped = {variant: statistics.median(entry[2] for entry in results[variant]) for variant in variants}
    return {
        "answers": answers,
        "figure": ", ".join(f"{variant} {opened[variant]:.1f} opens and {piped[variant]:.1f} pipes a spawn" for variant in variants),
    }


def shares_of(path):
    """By system call, percent of the time in calls, as `strace -T` wrote it behind each that returned."""
    seconds = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = re.match(r"\d+ +(?:<\.\.\. )?(\w+)[ (].*<(\d+\.\d+)>$", line)
            if found:
                seconds[found[1]] = seconds.get(found[1], 0.0) + float(found[2])
    return {name: 100 * value / sum(seconds.values()) for name, value in seconds.items()}


@row(
    "3",
    "strace -c and perf record show where a program that starts programs spends its time",
    "refuted where strace, by -c and by -T, gives execve less than half of the share of the spawners' and children's time in system calls that "
    "Spawnscope's exec phase has of the spawns' time, and slows the program to more than twice; confirmed where it does neither; else partly. "
    "All beside each other on the same program",
    "strace stops the program at every call, and counts waiting as time in a call: what waits most comes first. perf counts calls, whatever "
    "each costs. All tools' times are with their start and end.",
)
def hot_spot(context):
    count = context.count(1000, 50)
    program = context.program("row01_run_true_go")
    command = [program, "/bin/true", str(count)]
    totals = os.path.join(context.directory, "strace.txt")
    times = os.path.join(context.directory, "strace-times.txt")
    recording = os.path.join(context.directory, "perf.data")
    entries = ["syscalls:sys_enter_" + name for name in ("clone", "execve", "wait4", "waitid", "futex", "openat", "mmap", "rt_sigaction")]
    ways = {
        "bare": command,
        "spawnscope": [context.spawnscope, "record", "-q", "-o", os.path.join(context.directory, "hot.data"), "--", *command],
        "strace": ["strace", "-f", "-c", "-o", totals, *command],
        "strace -T": ["strace", "-f", "-T", "-o", times, *command],
        "perf": ["perf", "record", "-q", "-g", "-e", ",".join(entries), "-o", recording, "--", *command],
        "perf dwarf": [
            "perf",
            "record",
            "-q",
            "--call-graph",
            "dwarf",
            "-e",
            ",".join(entries),
            "-o",
            recording + ".dwarf",
            "--",
            *command,
        ],
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
        if way == "strace -T":
            shares = shares_of(times)
        if way == "spawnscope":
            report = json.loads(context.text("report", "--format", "json", os.path.join(context.directory, "hot.data")))
            spawns_of(report, count)
            total = report["totals"]["total_ns"]
            shares = {name: 100 * phase["sum_ns"] / total for name, phase in report["phases"].items()}
        return seconds, shares

    results = context.interleaved(measure, list(ways))
    answers = []
    for number in range(context.rounds):
        told = [results[way][number][1].get("execve", 0.0) for way in ("strace", "strace -T")]
        is_hidden = max(told) < results["spawnscope"][number][1]["exec"] / 2
        is_slow = min(results[way][number][0] for way in ("strace", "strace -T")) > 2 * results["bare"][number][0]
        answers.append("refuted" if is_hidden and is_slow else "confirmed" if not is_hidden and not is_slow else "partly")
    with open(totals, encoding="utf-8") as lines:
        context.show(f"strace -f -c ./row01_run_true_go /bin/true {count}", [line.rstrip() for line in list(lines)[:6]])
    last = results["strace -T"][-1][1]
    context.show(
        f"strace -f -T ./row01_run_true_go /bin/true {count}     (times of each call added up)",
        [f"{last[name]:6.2f} % {name}" for name in sorted(last, key=last.get, reverse=True)[:4]],
    )
    calls = {}
    for line in context.run(["perf", "script", "-i", recording, "-F", "event", "-G"]).splitlines():
        name = line.strip().rstrip(":")
        if name.startswith("syscalls:"):
            calls[name] = calls.get(name, 0) + 1
    shown = [f"{calls[name]:7} {name}" for name in sorted(calls, key=calls.get, reverse=True)[:4]]
    context.show(
        f"perf record -g -e 'syscalls:sys_enter_…' -- ./row01_run_true_go /bin/true {count}; "
        "perf script -F event -G | sort | uniq -c | sort -rn",
        shown,
    )
    context.show(
        f"spawnscope record -- ./row01_run_true_go /bin/true {count}; spawnscope report",
        report_lines(context, os.path.join(context.directory, "hot.data"), "PHASE", "create", "exec", "run ", "overhead"),
    )
    hottest = max(calls, key=calls.get).rpartition("sys_enter_")[2]
    last = results["strace"][-1][1]
    top = max(last, key=last.get)
    slower = {way: [entry[0] / bare[0] for entry, bare in zip(results[way], results["bare"])] for way in ways}
    told = {way: range_text([entry[1].get("execve", 0.0) for entry in results[way]], " %", 1) for way in ("strace", "strace -T")}
    ours = [entry[1]["exec"] for entry in results["spawnscope"]]
    return {
        "answers": answers,
        "figure": f"strace -c: {top} first, execve {told['strace']}, {range_text(slower['strace'], ' × bare', 1)}; strace -T: execve "
        f"{told['strace -T']}, {range_text(slower['strace -T'], ' × bare', 1)}; perf: {hottest} most often, "
        f"{range_text(slower['perf'], ' × bare')} with -g, {range_text(slower['perf dwarf'], ' × bare')} with dwarf; Spawnscope: exec "
        f"{range_text(ours, ' %', 0)} of the spawns' time, {range_text(slower['spawnscope'], ' × bare')}",
    }


@row(
    "4",
    "a spawn's path can be followed from the program's line into the kernel, of a stripped program too",
    "confirmed where each creation's stack leads from main.main over main.runTool to kernel_clone, in the program as it is built and in the "
    "stripped one; refuted where none does; else partly",
    "Go keeps frame pointers and, for its own tracebacks, a table of its functions; the kernel's frames come with -g.",
)
def whole_path(context):
    count = context.count(100, 10)
    programs = ("row01_run_true_go", "row01_run_true_go_stripped")

    def measure(program, number):
        report = context.record(
            f"path-{program}{number}", [context.program(program), "/bin/true", str(count)], ["-e", "task:task_newtask", "-g"]
        )
        spawns_of(report, count)
        lines = context.text("fold", "--event", "task:task_newtask", report["path"]).splitlines()
        whole = sum(
            int(line.rsplit(" ", 1)[1])
            for line in lines
            if ordered(line, ["main.main", "main.runTool", "syscall.forkExec", "kernel_clone"])
        )
        return report, whole, [line for line in lines if "main.runTool" in line]

    results = context.interleaved(measure, programs)
    answers = []
    for number in range(context.rounds):
        whole = [results[program][number][1] for program in programs]
        answers.append("confirmed" if whole == [count, count] else "refuted" if whole == [0, 0] else "partly")
    context.show(
        f"spawnscope record -e task:task_newtask -g -- ./row01_run_true_go_stripped /bin/true {count}; "
        "spawnscope fold --event task:task_newtask",
        results[programs[1]][-1][2][:1],
    )
    return {
        "answers": answers,
        "figure": " and ".join(
            f"{results[program][-1][1]} of {count} stacks whole {label}" for program, label in zip(programs, ("as built", "stripped"))
        ),
    }


@row(
    "5",
    "ForkExec: argv[0] must be an absolute path; a nil environment is empty and [] inherits",
    "refuted where each spawn with a made-up argv[0] executes with just its 18 bytes, each with a relative path fails with ENOENT, both nil and "
    "[] give an environment of 0 bytes, nil on a controlling terminal too, and each Setctty without Setsid dies before its exec, exactly as "
    "often as they were made; confirmed where none of these is so; else partly",
    "Only the path argument decides what is executed. ForkExec gives the child no environment for nil and for [] alike, with Setctty or without; "
    "what inherits on nil is exec.Cmd. Setctty asks for a session: without one the child ends before it tries an exec, and ForkExec returns "
    "EPERM.",
)
def fork_exec(context):
    count = context.count(20, 5)

    def measure(_, number):
        report = context.record(f"forkexec{number}", [context.program("row05_forkexec_go"), str(count)])
        spawns_of(report, 7 * count)
        return report

    def sizes(report, function, name):
        return {entry[name][end] for entry in site(report, "main." + function) if name in entry for end in ("min", "max")}

    reports = context.interleaved(measure, ["forkexec"])["forkexec"]
    answers = []
    for report in reports:
        executed = sum(entry["spawns"] for entry in site(report, "main.anyArgv0"))
        failures = [failure for failure in report["failures"] if failure.get("path") == "true"]
        refused = sum(failure["attempts"] for failure in failures if failure["errno"] == "ENOENT")
        empty = {
            name: sizes(report, name, "environment_bytes") for name in ("nilEnvironment", "emptyEnvironment", "nilEnvironmentOnTerminal")
        }
        inherited = sizes(report, "commandOfNilEnvironment", "environment_bytes")
        without = {entry["id"] for entry in site(report, "main.terminalWithoutSession")}
        died = sum(1 for spawn in report["spawns"] if spawn["callsite"] in without and spawn["outcome"] == "forked")
        facts = [
            executed == count and sizes(report, "anyArgv0", "argv_bytes") == {18},
            refused == count,
            all(found == {0} for found in empty.values()) and min(inherited) > 0,
            died == count,
        ]
        answers.append("refuted" if all(facts) else "partly" if any(facts) else "confirmed")
    context.show(
        f"spawnscope record -- ./row05_forkexec_go {count}; spawnscope report",
        report_lines(context, reports[-1]["path"], "1. ", "2. ", "3. ", str(count) + "  ENOENT"),
    )
    shown = {
        name: {
            "environment_bytes": site(reports[-1], "main." + name)[0]["environment_bytes"]["max"],
            "argv_bytes": site(reports[-1], "main." + name)[0]["argv_bytes"]["max"],
        }
        for name in ("anyArgv0", "nilEnvironment", "emptyEnvironment", "nilEnvironmentOnTerminal", "commandOfNilEnvironment")
    }
    context.show(
        "spawnscope report --format json | jq '.callsites[] | [.stack, .environment_bytes.max, .argv_bytes.max]'",
        [f"main.{name}: {json.dumps(found)}" for name, found in shown.items()],
    )
    return {
        "answers": answers,
        "figure": f"{executed} of {count} with a made-up argv[0] executed; {refused} of {count} relative paths failed with ENOENT; "
        f"environment of nil {max(empty['nilEnvironment'])}, of [] {max(empty['emptyEnvironment'])}, of nil with Setctty "
        f"{max(empty['nilEnvironmentOnTerminal'])} bytes, of exec.Cmd {max(inherited)}; {died} of {count} with Setctty alone died "
        "before an exec",
    }
