"""The rows: each records a workload of Scripts/workloads unmodified, from outside, and answers by its rule, once a round."""

import json
import os
import statistics
import time

from seed_context import Failed, spread


class Row:
    def __init__(self, name, claim, rule, explanation, measure):
        self.name = name
        self.claim = claim
        self.rule = rule
        self.explanation = explanation
        self.measure = measure


ROWS = []


def row(name, claim, rule, explanation):
    def register(measure):
        ROWS.append(Row(name, claim, rule, explanation, measure))
        return measure

    return register


def milliseconds(nanoseconds):
    return nanoseconds / 1e6


def spawns_of(report, expected):
    """The number of spawns is a fact that must hold exactly."""
    made = report["totals"]["spawns"]
    if made != expected:
        raise Failed(f"{made} spawns were seen where {expected} were made")
    return made


def phase_sum(report, *names):
    return sum(report["phases"].get(name, {}).get("sum_ns", 0) for name in names)


def site(report, function):
    """The call sites through a function, one at least."""
    found = [site for site in report["callsites"] if function in site["stack"]]
    if not found:
        raise Failed(f"no call site through {function}")
    return found


def event(report, name):
    for event in report.get("events", []):
        if event["name"] == name:
            return event
    raise Failed(f"{name} was not counted")


def section(context, session, title):
    """The part of the text report below a title."""
    lines = context.text("report", session).splitlines()
    start = next((index for index, line in enumerate(lines) if line.startswith(title)), None)
    if start is None:
        raise Failed(f"the report has no {title}")
    end = next((index for index in range(start, len(lines)) if not lines[index]), len(lines))
    return lines[start:end]


def ordered(line, names):
    """Whether a folded line leads through these frames, in this order."""
    frames = line.rsplit(" ", 1)[0].split(";")
    place = -1
    for name in names:
        place = next((index for index in range(place + 1, len(frames)) if frames[index] == name), None)
        if place is None:
            return False
    return True


def report_lines(context, session, *starts):
    """The lines of the text report that begin so, colours and all else left out."""
    lines = context.text("report", session).splitlines()
    return [line for line in lines if any(line.lstrip().startswith(start) for start in starts)]


@row(
    "1", "100 × exec.Command(\"true\"): 0.8 to 1.5 ms each",
    "confirmed where the median of a spawn's total time lies in 0.8 to 1.5 ms, refuted elsewhere; per round",
    "The phases say where that time goes: most of it is run, that is the program's image starting and ending.")
def run_true(context):
    count = context.count(100, 20)

    def measure(_, number):
        report = context.record(f"true{number}", [context.program("row01_run_true_go"), "/bin/true", str(count)])
        spawns_of(report, count)
        totals = sorted(spawn["total_ns"] for spawn in report["spawns"])
        return report, milliseconds(statistics.median(totals)), milliseconds(totals[len(totals) * 9 // 10])

    rounds = context.interleaved(measure, ["true"])["true"]
    medians = [median for _, median, _ in rounds]
    session = rounds[-1][0]["path"]
    context.show("spawnscope record -- ./row01_run_true_go /bin/true 100; spawnscope report",
                 report_lines(context, session, "PHASE", "create", "wake", "prepare", "exec", "run", "reap", "1. "))
    answers = ["confirmed" if 0.8 <= median <= 1.5 else "refuted" for median in medians]
    return {"answers": answers,
            "figure": f"median of a spawn {spread(medians, ' ms')}, p90 {spread([p90 for _, _, p90 in rounds], ' ms')}"}


@row(
    "1b", "true itself is not the cost, the spawning is",
    "refuted where exec and run, which are the program's image being loaded, started and ended, are over half of the spawns' time, and a "
    "static child without a libc costs under three quarters of /bin/true; confirmed where neither holds; else partly",
    "The child's own image is most of the cost: the kernel maps it, the dynamic linker links it, faults bring its pages, exit takes all "
    "down again. Page faults tell the same: they fall into run and exec.")
def true_itself(context):
    count = context.count(200, 20)
    programs = {"/bin/true": "/bin/true", "static": context.program("row01b_nothing")}

    def measure(variant, number):
        name = f"itself-{os.path.basename(variant)}{number}"
        command = [context.program("row01_run_true_go"), programs[variant], str(count)]
        report = context.record(name, command)
        spawns_of(report, count)
        # In a recording of its own: an event for each fault makes the faults dearer.
        counted = context.record(name + "-faults", command, ["-e", "exceptions:page_fault_user"])
        faults = event(counted, "exceptions:page_fault_user")
        return (report, phase_sum(report, "exec", "run") / report["totals"]["total_ns"],
                report["totals"]["total_ns"] / count, sum(faults["phases"].values()) / count, counted)

    results = context.interleaved(measure, list(programs))
    shares = [entry[1] for entry in results["/bin/true"]]
    ratios = [small[2] / whole[2] for small, whole in zip(results["static"], results["/bin/true"])]
    answers = []
    for share, ratio in zip(shares, ratios):
        answers.append("refuted" if share > 0.5 and ratio < 0.75
                       else "confirmed" if share <= 0.5 and ratio >= 0.75 else "partly")
    for variant in programs:
        program = os.path.basename(programs[variant])
        context.show(f"spawnscope record -- ./row01_run_true_go {program} {count}; spawnscope report",
                     report_lines(context, results[variant][-1][0]["path"], "PHASE", "create", "exec", "run ", "overhead"))
        context.show(f"spawnscope record -e exceptions:page_fault_user -- ./row01_run_true_go {program} {count}; spawnscope report",
                     section(context, results[variant][-1][4]["path"], "EVENTS"))
    faults = {variant: [entry[3] for entry in results[variant]] for variant in programs}
    return {"answers": answers,
            "figure": f"exec and run are {spread([100 * share for share in shares], ' %', 0)} of a spawn; a static child costs "
                      f"{spread(ratios, ' of it')}; page faults a spawn {spread(faults['/bin/true'], '', 0)} "
                      f"against {spread(faults['static'], '', 0)}"}


@row(
    "1c", "the world is stopped before each fork",
    "confirmed where runtime.stopTheWorldWithSema is called at least once a spawn; refuted where what is called of it outside of the "
    "garbage collector's own cycles is under one in twenty spawns; else partly",
    "Calls of the function that stops the world are counted by a probe, each with its caller. It stops for the garbage collector, and not "
    "for a spawn.")
def stop_the_world(context):
    count = context.count(400, 40)
    probe = context.program("row01_run_true_go") + ":runtime.stopTheWorldWithSema"
    # A probe that counted nothing at all would refute anything: one cycle of the collector stops the world twice.
    cycles = 10
    control = context.record(
        "collect", [context.program("row01c_collect_go"), str(cycles)],
        ["--probe", context.program("row01c_collect_go") + ":runtime.stopTheWorldWithSema"])
    controlled = event(control, "probe_row01c_collect_go:runtime.stopTheWorldWithSema")["count"]
    if controlled < 2 * cycles:
        raise Failed(f"the probe counted {controlled} stops in {cycles} garbage collections")

    def measure(_, number):
        report = context.record(
            f"world{number}", [context.program("row01_run_true_go"), "/bin/true", str(count)], ["--probe", probe])
        spawns_of(report, count)
        counted = event(report, "probe_row01_run_true_go:runtime.stopTheWorldWithSema")["count"]
        stacks = context.text(
            "fold", "--event", "probe_row01_run_true_go:runtime.stopTheWorldWithSema", report["path"]).splitlines() \
            if counted else []
        outside = sum(int(line.rsplit(" ", 1)[1]) for line in stacks
                      if not any(name in line for name in ("runtime.gcStart", "runtime.gcMark")))
        return report, counted, outside, stacks

    rounds = context.interleaved(measure, ["world"])["world"]
    answers = ["confirmed" if counted >= count else "refuted" if outside < count / 20 else "partly"
               for _, counted, outside, _ in rounds]
    _, _, _, stacks = rounds[-1]
    context.show("spawnscope record --probe ./row01_run_true_go:runtime.stopTheWorldWithSema -- ./row01_run_true_go /bin/true 400; "
                 "spawnscope report", report_lines(context, rounds[-1][0]["path"], "EVENTS", "0  ", str(rounds[-1][1]) + " "))
    if stacks:
        context.show("spawnscope fold --event probe_row01_run_true_go:runtime.stopTheWorldWithSema", stacks[:6])
    context.show(f"spawnscope record --probe ./row01c_collect_go:runtime.stopTheWorldWithSema -- ./row01c_collect_go {cycles}; "
                 "spawnscope report", section(context, control["path"], "EVENTS"))
    return {"answers": answers,
            "figure": f"{controlled} stops in {cycles} garbage collections, "
                      f"{spread([counted for _, counted, _, _ in rounds], '', 0)} stops in {count} spawns, "
                      f"{spread([outside for _, _, outside, _ in rounds], '', 0)} of them outside of the garbage collector"}


@row(
    "1d", "fork copies the spawner's address space",
    "of Go: refuted where no spawn is made by fork, and create with 512 MiB grows to less than a fifth of what it grows to in C's fork; "
    "confirmed where it grows to half of that or more; else partly",
    "Go has used CLONE_VM with CLONE_VFORK since 1.9: no page table is copied. A C program that forks pays for each page that it has.")
def address_space(context):
    count = context.count(40, 10)
    variants = [(language, size) for language in ("go", "c") for size in (0, 512)]

    def measure(variant, number):
        language, size = variant
        report = context.record(
            f"ballast-{language}{size}-{number}", [context.program(f"row01d_ballast_{language}"), str(size), str(count)])
        spawns_of(report, count)
        methods = {}
        for site in report["callsites"]:
            for method, made in site["methods"].items():
                methods[method] = methods.get(method, 0) + made
        return report, report["phases"]["create"]["p50_ns"], methods

    results = context.interleaved(measure, variants)
    ratios = {language: [large[1] / small[1] for large, small in zip(results[language, 512], results[language, 0])]
              for language in ("go", "c")}
    answers = []
    for number, ratio in enumerate(ratios["go"]):
        methods = results["go", 512][number][2]
        grown = ratio / ratios["c"][number]
        answers.append("refuted" if methods.get("fork", 0) == 0 and grown < 0.2 else "confirmed" if grown >= 0.5 else "partly")
    for language in ("go", "c"):
        report = results[language, 512][-1][0]
        context.show(f"spawnscope record -- ./row01d_ballast_{language} 512 40; spawnscope report",
                     report_lines(context, report["path"], str(count) + " execs", "create"))
    return {"answers": answers,
            "figure": f"create with 512 MiB against none: Go {spread(ratios['go'], ' ×')} by "
                      f"{'/'.join(results['go', 512][-1][2])}, C's fork {spread(ratios['c'], ' ×', 0)}"}


@row(
    "1e", "PATH is searched even for an absolute path",
    "refuted where an absolute path makes no failed attempt and no more stat calls a spawn than 0.5, in C and in Go; confirmed where it "
    "makes one or more; else partly. What a bare name pays stands beside it",
    "libc's posix_spawnp makes an exec attempt in each directory; Go's LookPath asks for each with newfstatat. An absolute path does "
    "neither.")
def search(context):
    count = context.count(100, 10)
    directories = [os.path.join(context.directory, f"empty{number}") for number in range(6)]
    for directory in directories:
        os.makedirs(directory, exist_ok=True)
    environment = dict(os.environ, PATH=":".join(directories) + ":/usr/bin:/bin")
    variants = [(program, name) for program in ("row01e_execvp", "row01_run_true_go") for name in ("/bin/true", "true")]

    def measure(variant, number):
        program, name = variant
        report = context.record(
            f"search-{program}-{os.path.basename(name)}-{len(name)}-{number}", [context.program(program), name, str(count)],
            ["-e", "syscalls:sys_enter_newfstatat"], environment)
        spawns_of(report, count)
        return (report, report["totals"]["failed_attempts"] / count,
                event(report, "syscalls:sys_enter_newfstatat")["of_roots"] / count)

    results = context.interleaved(measure, variants)
    answers = []
    for number in range(context.rounds):
        attempts = max(results[program, "/bin/true"][number][1] for program, _ in variants)
        stats = max(results[program, "/bin/true"][number][2] for program, _ in variants)
        answers.append("refuted" if attempts == 0 and stats <= 0.5 else "confirmed" if attempts >= 1 or stats >= 1 else "partly")
    report = results["row01e_execvp", "true"][-1][0]
    context.show("PATH=<six empty directories>:/usr/bin:/bin spawnscope record -- ./row01e_execvp true 100; spawnscope report",
                 report_lines(context, report["path"], "search", "- PATH"))
    figure = []
    for program, label in (("row01e_execvp", "C"), ("row01_run_true_go", "Go")):
        for name in ("/bin/true", "true"):
            attempts = [entry[1] for entry in results[program, name]]
            stats = [entry[2] for entry in results[program, name]]
            figure.append(f"{label} {name}: {statistics.median(attempts):.1f} failed attempts, {statistics.median(stats):.1f} stats a spawn")
    return {"answers": answers, "figure": "; ".join(figure)}


@row(
    "1f", "the environment is copied for each spawn",
    "confirmed where the exec phase's median grows with each step from 42 over 542 to 2042 variables, and to more than twice; refuted "
    "where it does not grow to 1.2 times; else partly",
    "Go copies the strings, and the kernel copies them again into the new program's stack: that is in exec, and sizes are recorded.")
def environment(context):
    count = context.count(100, 20)
    sizes = (42, 542, 2042)

    def measure(size, number):
        variables = {f"VARIABLE_{index:04}": "value of some length" for index in range(size - 1)}
        variables["PATH"] = "/usr/bin:/bin"
        report = context.record(
            f"environment{size}-{number}", [context.program("row01_run_true_go"), "/bin/true", str(count)], (), variables)
        spawns_of(report, count)
        bytes_of = [site["environment_bytes"]["max"] for site in report["callsites"] if "environment_bytes" in site]
        return report, report["phases"]["exec"]["p50_ns"] / 1000, max(bytes_of, default=0)

    results = context.interleaved(measure, sizes)
    answers = []
    for number in range(context.rounds):
        small, middle, large = (results[size][number][1] for size in sizes)
        answers.append("confirmed" if small < middle < large and large > 2 * small
                       else "refuted" if large < 1.2 * small else "partly")
    context.show("spawnscope record -- ./row01_run_true_go /bin/true 100     (with 2042 variables); spawnscope report",
                 report_lines(context, results[2042][-1][0]["path"], "exec", "- Large"))
    parts = [f"{size} variables ({results[size][-1][2]:,} bytes): {spread([entry[1] for entry in results[size]], ' µs', 0)}"
             for size in sizes]
    return {"answers": answers, "figure": "exec with " + ", ".join(parts)}


@row(
    "1g", "LockOSThread does not help",
    "confirmed where `spawnscope compare --threshold 20%` of sessions that were recorded in turns says `same`, which its intervals have to "
    "exclude a change of 20 % for; refuted where it says `better`",
    "The spawning thread is blocked in vfork until the child executes, locked or not.")
def lock_thread(context):
    count = context.count(200, 20)
    rounds = 6 if context.quick else 20
    sessions = {"plain": [], "locked": []}
    for number in range(rounds):
        for variant in ("plain", "locked") if number % 2 == 0 else ("locked", "plain"):
            report = context.record(
                f"lock-{variant}{number}", [context.program("row01g_lock_thread_go"), variant, str(count)])
            spawns_of(report, count)
            sessions[variant].append(report["path"])
    words = ["--threshold", "20%", "--base", *sessions["plain"], "--head", *sessions["locked"]]
    verdict = json.loads(context.text("compare", "--format", "json", *words, statuses=(0, 1, 3)))["verdict"]
    text = context.text("compare", *words, statuses=(0, 1, 3)).splitlines()
    start = next((index for index, line in enumerate(text) if line.startswith("GATES")), 0)
    context.show("spawnscope compare --threshold 20% --base plain*.data --head locked*.data", text[start:start + 8])
    totals = {variant: [] for variant in sessions}
    for variant, paths in sessions.items():
        for path in paths:
            report = json.loads(context.text("report", "--format", "json", path))
            totals[variant].append(milliseconds(report["totals"]["total_ns"]) / count)
    answer = {"same": "confirmed", "better": "refuted"}.get(verdict, "undecided")
    return {"answers": [answer], "reason": f"compare says {verdict}" if answer == "undecided" else None,
            "figure": f"compare says {verdict}; a spawn takes {spread(totals['plain'], ' ms')} plain, "
                      f"{spread(totals['locked'], ' ms')} locked"}


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


@row(
    "6", "goroutines that start programs at the same time block in system calls",
    "confirmed where with 8 goroutines at least twice as many spawner threads are blocked in creating calls and waits, on the average, as with 1, "
    "and spawns a second are under 1.5 times those with 2 on a machine of 2 CPUs (under N / 2 × 1.5 on one of N); refuted where fewer than 1.2 "
    "times as many are blocked; else partly",
    "Each spawn blocks the thread that makes it until the child executes, and a thread waits for each. More goroutines than CPUs add "
    "blocked threads, not spawns.")
def concurrency(context):
    count = context.count(400, 40)
    workers = (1, 2, 8)

    def measure(number_of, number):
        report = context.record(
            f"concurrent{number_of}-{number}", [context.program("row06_concurrent_go"), str(number_of), str(count)])
        spawns_of(report, count)
        duration = report["session"]["duration_ns"]
        return report, report["totals"]["blocked_ns"] / duration, count / duration * 1e9

    results = context.interleaved(measure, workers)
    limit = max(os.cpu_count() or 1, 2) / 2 * 1.5
    answers, rates = [], []
    for number in range(context.rounds):
        blocked = results[8][number][1] / results[1][number][1]
        rates.append(results[8][number][2] / results[2][number][2])
        answers.append("confirmed" if blocked >= 2 and rates[-1] < limit else "refuted" if blocked < 1.2 else "partly")
    for number_of in (1, 8):
        context.show(f"spawnscope record -- ./row06_concurrent_go {number_of} {count}; spawnscope report",
                     report_lines(context, results[number_of][-1][0]["path"], "in flight", "blocked"))
    each = ", ".join(f"{number_of}: {spread([entry[1] for entry in results[number_of]], '', 1)} blocked, "
                     f"{spread([entry[2] for entry in results[number_of]], ' spawns/s', 0)}" for number_of in workers)
    return {"answers": answers, "figure": f"by goroutines {each}"}


@row(
    "8", "CombinedOutput costs 32 times the memory and 6 times the garbage collections of Run",
    "by calls of runtime.gcStart, per thousand spawns, with GOGC=10 so that there are enough to count: confirmed where those of CombinedOutput are at least 4 times those of Run, refuted where "
    "they are under 3 times, else partly; the memory of the claim is not measured",
    "What collects is the buffer and the goroutine that fills it. Which of the three collects more often is counted by a probe.")
def combined(context):
    count = context.count(2000, 300)
    often = dict(os.environ, GOGC="10")
    variants = ("run", "combined", "output")

    def measure(variant, number):
        program = context.program("row08_combined_go")
        report = context.record(
            f"combined-{variant}{number}", [program, variant, str(count)], ["--probe", program + ":runtime.gcStart"], often)
        spawns_of(report, count)
        return report, event(report, "probe_row08_combined_go:runtime.gcStart")["count"] * 1000 / count

    results = context.interleaved(measure, variants)
    answers, ratios = [], []
    for number in range(context.rounds):
        base, other = results["run"][number][1], results["combined"][number][1]
        if base == 0:
            answers.append("undecided")
            continue
        ratios.append(other / base)
        answers.append("confirmed" if other >= 4 * base else "refuted" if other < 3 * base else "partly")
    for variant in variants:
        context.show(f"GOGC=10 spawnscope record --probe ./row08_combined_go:runtime.gcStart -- ./row08_combined_go {variant} {count}; spawnscope report",
                     section(context, results[variant][-1][0]["path"], "EVENTS"))
    each = ", ".join(f"{variant} {spread([entry[1] for entry in results[variant]], '', 1)}" for variant in variants)
    return {"answers": answers, "reason": "Run collected no garbage at all" if "undecided" in answers else None,
            "figure": f"garbage collections per 1,000 spawns: {each}"
                      + (f"; CombinedOutput {spread(ratios, ' × Run')}" if ratios else "")}


@row(
    "9", "a cancelled Context leaks the child unless Wait is called",
    "partly where each child without Wait was ended by SIGKILL and stays unreaped, each with Wait is reaped, and each Run leaves a "
    "grandchild that outlives it; confirmed where a child without Wait goes on running; refuted where nothing is left",
    "The child is killed, but stays a zombie until its parent ends. What leaks while it runs is the grandchild of Run: the kill does not "
    "reach it.")
def cancel(context):
    count = context.count(5, 2)

    def measure(_, number):
        report = context.record(
            f"cancel{number}", [context.program("row09_cancel_go"), str(count)], ["--wait-for-all"])
        spawns_of(report, 4 * count)
        return report

    reports = context.interleaved(measure, ["cancel"])["cancel"]
    answers = []
    for report in reports:
        forgotten = site(report, "main.startAndForget")
        ids = {entry["id"] for entry in forgotten}
        killed = sum(1 for spawn in report["spawns"] if spawn.get("callsite") in ids and spawn.get("signal") in (9, "SIGKILL", "KILL"))
        unreaped = sum(entry.get("unreaped", 0) for entry in forgotten)
        waited = sum(entry.get("unreaped", 0) for entry in site(report, "main.startAndWait"))
        orphaned = report["totals"]["orphaned"]
        if killed == count and unreaped == count and waited == 0 and orphaned >= count:
            answers.append("partly")
        else:
            answers.append("refuted" if unreaped == 0 and orphaned == 0 else "confirmed")
    context.show("spawnscope record --wait-for-all -- ./row09_cancel_go 5; spawnscope report",
                 section(context, reports[-1]["path"], "LEAKS"))
    return {"answers": answers,
            "figure": f"without Wait {killed} of {count} killed, {unreaped} unreaped; with Wait {waited} unreaped; "
                      f"{orphaned} orphaned grandchildren of {count} Runs"}


@row(
    "10", "the failure of an exec is not visible to who started it",
    "refuted where each start of a program that is not there is a failed spawn with ENOENT, and the workload, which ends at once where the "
    "error is not returned by StartProcess, ends well; confirmed where it does not; per round",
    "Go reads the child's errno from a pipe before StartProcess returns.")
def failure(context):
    count = context.count(20, 5)

    def measure(_, number):
        report = context.record(f"failure{number}", [context.program("row10_failure_go"), str(count)])
        spawns_of(report, 2 * count)
        return report

    reports = context.interleaved(measure, ["failure"])["failure"]
    answers = []
    for report in reports:
        failed = report["totals"]["failed"]
        attempts = sum(failure["attempts"] for failure in report["failures"]
                       if failure.get("path") == "/none/such" and failure.get("errno") == "ENOENT")
        answers.append("refuted" if failed == count and attempts == count else "confirmed")
    context.show("spawnscope record -- ./row10_failure_go 20; spawnscope report",
                 report_lines(context, reports[-1]["path"], "20 ", "40 ", "FAILED", "1. ", "2. "))
    return {"answers": answers, "figure": f"{failed} of {count} failed spawns, {attempts} attempts with ENOENT, each returned as an error"}


@row(
    "11", "a Process object can be used again, and a process group of its own protects from orphans",
    "refuted where each child with Setpgid outlives its parent and ends by itself, each with Pdeathsig is ended by SIGKILL, and the workload, "
    "which ends at once where a second Wait succeeds, ends well; confirmed where no child outlives its parent; else partly",
    "A process group says who gets a terminal's signals, not who ends with whom. What ends with its parent is a child that asked for a signal.")
def orphans(context):
    count = context.count(5, 2)

    def measure(_, number):
        report = context.record(f"orphans{number}", [context.program("row11_orphans_go"), str(count)], ["--wait-for-all"])
        spawns_of(report, 4 * count)
        return report

    reports = context.interleaved(measure, ["orphans"])["orphans"]
    answers = []
    for report in reports:
        def of(function):
            ids = {entry["id"] for entry in site(report, function)}
            return [spawn for spawn in report["spawns"] if spawn.get("callsite") in ids]

        grouped, signalled = of("main.startInOwnGroup"), of("main.startWithDeathSignal")
        survived = sum(1 for spawn in grouped if spawn.get("orphaned") and spawn.get("status") == 0)
        ended = sum(1 for spawn in signalled if spawn.get("signal") in (9, "SIGKILL", "KILL"))
        answers.append("refuted" if survived == count and ended == count
                       else "confirmed" if report["totals"]["orphaned"] == 0 else "partly")
    context.show(f"spawnscope record --wait-for-all -- ./row11_orphans_go {count}; spawnscope report",
                 section(context, reports[-1]["path"], "LEAKS"))
    return {"answers": answers,
            "figure": f"{survived} of {count} with Setpgid outlived their parent, {ended} of {count} with Pdeathsig were killed with it"}


@row(
    "14", "a long-lived worker is cheaper than a process for each request",
    "confirmed where the worker's requests need under a tenth of the spawns and under a fifth of the time; refuted where they need as many "
    "spawns; else partly",
    "One spawn serves all requests; what is left is a write and a read each.")
def worker(context):
    count = context.count(200, 20)

    def measure(variant, number):
        report = context.record(
            f"worker-{variant}{number}", [context.program("row14_worker_go"), variant, str(count)])
        spawns_of(report, count if variant == "spawn" else 1)
        return report, report["session"]["duration_ns"] / count

    results = context.interleaved(measure, ["spawn", "worker"])
    ratios = [spawn[1] / worker[1] for spawn, worker in zip(results["spawn"], results["worker"])]
    spawns = {variant: results[variant][-1][0]["totals"]["spawns"] for variant in results}
    answers = ["refuted" if spawns["worker"] >= spawns["spawn"]
               else "confirmed" if spawns["worker"] * 10 < spawns["spawn"] and ratio > 5 else "partly" for ratio in ratios]
    for variant in ("spawn", "worker"):
        context.show(f"spawnscope record -- ./row14_worker_go {variant} 200; spawnscope report",
                     context.text("report", results[variant][-1][0]["path"]).splitlines()[1:3])
    return {"answers": answers,
            "figure": f"{spawns['spawn']} spawns against {spawns['worker']} for {count} requests; a request takes "
                      f"{spread(ratios, ' ×', 0)} as long with a process of its own"}


@row(
    "15", "a change of how programs are started should pass thresholds that were set before",
    "shown where the committed budget, spawn-budget.yml, is kept by the worker of row 14 with exit status 0, is exceeded by a process for each "
    "request with 1, and `compare` of the two says worse with 1",
    "Counts are exact, so the gate is the same on every machine; the budget is a file to be committed.")
def gate(context):
    count = context.count(50, 10)
    program = context.program("row14_worker_go")

    def measure(_, number):
        sessions = {}
        for variant in ("worker", "spawn"):
            report = context.record(f"gate-{variant}{number}", [program, variant, str(count)])
            spawns_of(report, count if variant == "spawn" else 1)
            sessions[variant] = report["path"]
        budget = os.path.join(context.sources, "spawn-budget.yml")
        within = context.status("budget", "--file", budget, sessions["worker"])
        over = context.status("budget", "--file", budget, sessions["spawn"])
        worse = context.status(
            "compare", "--counts-only", "--base", sessions["worker"], "--head", sessions["spawn"],
            "--allow-different-machines")
        return within[0], over[0], worse[0], over[1], sessions

    rounds = context.interleaved(measure, ["gate"])["gate"]
    answers = ["shown" if entry[:3] == (0, 1, 1) else "refuted" for entry in rounds]
    context.show("spawnscope budget --file spawn-budget.yml spawn.data; echo $?",
                 [line for line in rounds[-1][3].splitlines() if line.strip()][:4] + [str(rounds[-1][1])])
    return {"answers": answers,
            "figure": "exit status {} within, {} over the budget, {} of compare".format(*rounds[-1][:3])}
