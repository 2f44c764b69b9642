"""Rows 1e to 1g: what of a spawn's cost is the spawner's doing: its search, its environment, its thread."""

import os
import statistics

from bench.article.row import event, report_lines, row, section, spawns_of
from bench.figures import range_text


@row(
    "1e",
    "PATH is searched even for an absolute path",
    "refuted where an absolute path makes no failed attempt and no more stat calls a spawn than 0.5, in C and in Go; confirmed where it "
    "makes one or more; else partly. What a bare name pays stands beside it",
    "libc's posix_spawnp makes an exec attempt in each directory; Go's LookPath asks for each with newfstatat. An absolute path does "
    "neither.",
)
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
            f"search-{program}-{os.path.basename(name)}-{len(name)}-{number}",
            [context.program(program), name, str(count)],
            ["-e", "syscalls:sys_enter_newfstatat"],
            environment,
        )
        spawns_of(report, count)
        return (report, report["totals"]["failed_attempts"] / count, event(report, "syscalls:sys_enter_newfstatat")["of_roots"] / count)

    results = context.interleaved(measure, variants)
    answers = []
    for number in range(context.rounds):
        attempts = max(results[program, "/bin/true"][number][1] for program, _ in variants)
        stats = max(results[program, "/bin/true"][number][2] for program, _ in variants)
        answers.append("refuted" if attempts == 0 and stats <= 0.5 else "confirmed" if attempts >= 1 or stats >= 1 else "partly")
    report = results["row01e_execvp", "true"][-1][0]
    context.show(
        "PATH=<six empty directories>:/usr/bin:/bin spawnscope record -- ./row01e_execvp true 100; spawnscope report",
        report_lines(context, report["path"], "search", "- PATH"),
    )
    figure = []
    for program, label in (("row01e_execvp", "C"), ("row01_run_true_go", "Go")):
        for name in ("/bin/true", "true"):
            attempts = [entry[1] for entry in results[program, name]]
            stats = [entry[2] for entry in results[program, name]]
            figure.append(
                f"{label} {name}: {statistics.median(attempts):.1f} failed attempts, {statistics.median(stats):.1f} stats a spawn"
            )
    return {"answers": answers, "figure": "; ".join(figure)}


@row(
    "1f",
    "the environment is copied for each spawn",
    "confirmed where the exec phase's median grows with each step from 42 over 542 to 2042 variables, and to more than twice; refuted "
    "where it does not grow to 1.2 times; else partly",
    "Go copies the strings, and the kernel copies them again into the new program's stack: that is in exec, and sizes are recorded.",
)
def environment(context):
    count = context.count(100, 20)
    sizes = (42, 542, 2042)

    def measure(size, number):
        variables = {f"VARIABLE_{index:04}": "value of some length" for index in range(size - 1)}
        variables["PATH"] = "/usr/bin:/bin"
        report = context.record(
            f"environment{size}-{number}", [context.program("row01_run_true_go"), "/bin/true", str(count)], (), variables
        )
        spawns_of(report, count)
        bytes_of = [site["environment_bytes"]["max"] for site in report["callsites"] if "environment_bytes" in site]
        return report, report["phases"]["exec"]["p50_ns"] / 1000, max(bytes_of, default=0)

    results = context.interleaved(measure, sizes)
    answers = []
    for number in range(context.rounds):
        small, middle, large = (results[size][number][1] for size in sizes)
        answers.append("confirmed" if small < middle < large and large > 2 * small else "refuted" if large < 1.2 * small else "partly")
    context.show(
        "spawnscope record -- ./row01_run_true_go /bin/true 100     (with 2042 variables); spawnscope report",
        report_lines(context, results[2042][-1][0]["path"], "exec", "- Large"),
    )
    parts = [
        f"{size} variables ({results[size][-1][2]:,} bytes): {range_text([entry[1] for entry in results[size]], ' µs', 0)}"
        for size in sizes
    ]
    return {"answers": answers, "figure": "exec with " + ", ".join(parts)}


@row(
    "1g",
    "LockOSThread does not help",
    "by counts: confirmed where neither the context switches nor the futex calls that a spawn takes its process fall below two thirds of "
    "those of a goroutine that is not locked; refuted where both do; else partly. What `compare` says of the times stands beside it",
    "The spawning thread is blocked in vfork until the child executes, locked or not. A locked goroutine's thread cannot run anything else, so "
    "that waking it for the wait's result takes a futex call more.",
)
def lock_thread(context):
    count = context.count(400, 50)
    program = context.program("row01g_lock_thread_go")
    events = ("sched:sched_switch", "syscalls:sys_enter_futex")

    def measure(variant, number):
        counted = context.record(f"lock-{variant}{number}-calls", [program, variant, str(count)], ["-e", ",".join(events)])
        spawns_of(counted, count)
        return counted, [event(counted, name)["of_roots"] / count for name in events]

    results = context.interleaved(measure, ["plain", "locked"])
    answers = []
    for plain, locked in zip(results["plain"], results["locked"]):
        ratios = [other / max(base, 1 / count) for base, other in zip(plain[1], locked[1])]
        answers.append("confirmed" if min(ratios) >= 2 / 3 else "refuted" if max(ratios) < 2 / 3 else "partly")
    for variant in results:
        context.show(
            f"spawnscope record -e {','.join(events)} -- ./row01g_lock_thread_go {variant} {count}; spawnscope report",
            section(context, results[variant][-1][0]["path"], "EVENTS"),
        )
    if not context.quick:
        context.show_comparison(program, count, "plain", "locked", runs=10)
    each = {
        variant: [range_text([entry[1][place] for entry in entries], digits=1) for place in (0, 1)] for variant, entries in results.items()
    }
    return {
        "answers": answers,
        "figure": "; ".join(
            f"{variant}: {switches} switches and {calls} futex calls a spawn" for variant, (switches, calls) in each.items()
        ),
    }
