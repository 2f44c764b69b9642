"""Rows 6 to 6d: spawning at full speed, and what blocks in the kernel."""

import json

from bench.article.chart import line_chart, range_of
from bench.article.context import Failed
from bench.article.row import event, folded, passing, phase_sum, probed, report_lines, row, section, spawns_of
from bench.figures import range_text
from bench.folds import weight


@row(
    "6",
    "goroutines that start programs at the same time block in system calls",
    "confirmed where with 8 goroutines at least 1.5 times as many spawner threads are blocked in creating calls and waits, on the "
    "average, as with 1; refuted where fewer than 1.2 times as many are; else partly. What they get done beside it decides nothing",
    "Each spawn blocks the thread that makes it until the child executes, and a thread waits for each. More goroutines than CPUs add "
    "blocked threads, not spawns. What grows is reap: the thread inside vfork keeps its processor, so that a goroutine whose command has "
    "ended waits for one before it can take the zombie.",
)
def concurrency(context):
    count = context.count(400, 40)
    workers = (1, 2, 8)

    def measure(number_of, number):
        report = context.record(f"concurrent{number_of}-{number}", [context.program("row06_concurrent_go"), str(number_of), str(count)])
        spawns_of(report, count)
        duration = report["session"]["duration_ns"]
        return report, report["totals"]["blocked_ns"] / duration, count / duration * 1e9

    results = context.interleaved(measure, workers)
    answers = []
    for number in range(context.rounds):
        blocked = results[8][number][1] / results[1][number][1]
        answers.append("confirmed" if blocked >= 1.5 else "refuted" if blocked < 1.2 else "partly")
    context.draw(
        "article-row6.svg",
        "threads blocked and spawns in flight, by goroutines: more of them wait",
        line_chart(
            "What waits while goroutines start programs",
            "goroutines",
            "mean over the run",
            {
                "threads blocked": [range_of(number_of, [entry[1] for entry in results[number_of]]) for number_of in workers],
                "spawns, until they end": [
                    range_of(number_of, [alive(entry[0])[0] for entry in results[number_of]]) for number_of in workers
                ],
                "spawns, until reaped": [
                    range_of(number_of, [alive(entry[0])[1] for entry in results[number_of]]) for number_of in workers
                ],
            },
        ),
    )
    for number_of in (1, 8):
        context.show(
            f"spawnscope record -- ./row06_concurrent_go {number_of} {count}; spawnscope report",
            report_lines(context, results[number_of][-1][0]["path"], "in flight", "blocked", "run ", "reap"),
        )
    each = ", ".join(
        f"{number_of}: {range_text([entry[1] for entry in results[number_of]], '', 1)} blocked, "
        f"{range_text([entry[2] for entry in results[number_of]], ' spawns/s', 0)}"
        for number_of in workers
    )
    reaping = [100 * phase_sum(entry[0], "reap") / entry[0]["totals"]["total_ns"] for entry in results[8]]
    return {"answers": answers, "figure": f"by goroutines {each}; with 8 reap is {range_text(reaping, ' %', 0)} of a spawn"}


def alive(report):
    """How many spawns lived at a time, on the average, and how many were not reaped yet."""
    total, reap, duration = report["totals"]["total_ns"], phase_sum(report, "reap"), report["session"]["duration_ns"]
    return (total - reap) / duration, total / duration


def overlapping(spawns):
    """The executed spawns that were created while another was between its creation and its exec, each with that other one."""

    def way(spawn):
        return spawn["start_ns"] + sum(spawn["phases"].get(name, 0) for name in ("create", "wake", "prepare", "search"))

    pairs, latest = [], None
    for spawn in sorted((spawn for spawn in spawns if spawn["outcome"] == "executed"), key=lambda spawn: spawn["start_ns"]):
        if latest and spawn["start_ns"] < way(latest):
            pairs.append((latest, spawn))
        if not latest or way(spawn) > way(latest):
            latest = spawn
    return pairs


@row(
    "6b",
    "Go 1.19 creates one process at a time, under ForkLock; Go 1.22 does not",
    "confirmed where with 8 goroutines none of Go 1.19's spawns is created while another is on its way to exec, and at least 2 % of Go "
    "1.22's and of Go 1.27's are; refuted where at least 2 % of Go 1.19's are, too; else partly",
    "ForkLock keeps a descriptor that is about to be marked close-on-exec from a child of another thread. Since pipe2 marks it as it "
    "makes it, later versions let several create at once. The one spawn more than commands of Go 1.27 is its library's own, which asks "
    "once whether the kernel has pidfds.",
)
def versions(context):
    count = context.count(400, 160)
    workers = (1, 2, 8)
    programs = {"1.19": "row06_concurrent_go1.19", "1.22": "row06_concurrent_go", "1.27": "row06_concurrent_go1.27"}
    for name in programs.values():
        context.program(name)

    def measure(variant, number):
        version, number_of = variant
        report = context.record(f"version{version}-{number_of}-{number}", [context.program(programs[version]), str(number_of), str(count)])
        if report["totals"]["executed"] != count:
            raise Failed(f"{report['totals']['executed']} spawns of Go {version} executed where {count} were made")
        duration = report["session"]["duration_ns"]
        return report["path"], report["totals"]["blocked_ns"] / duration, count / duration * 1e9, overlapping(report["spawns"])

    results = context.interleaved(measure, [(version, number_of) for version in programs for number_of in workers])
    answers = []
    for number in range(context.rounds):
        shares = {version: len(results[version, 8][number][3]) / count for version in programs}
        answers.append(
            "refuted"
            if shares["1.19"] >= 0.02
            else "confirmed"
            if shares["1.19"] == 0 and min(shares["1.22"], shares["1.27"]) >= 0.02
            else "partly"
        )
    context.draw(
        "article-row6b.svg",
        "spawns a second by goroutines, of three versions of Go",
        line_chart(
            "Programs started by several goroutines, by Go's version",
            "goroutines",
            "spawns a second",
            {
                f"Go {version}": [range_of(number_of, [entry[2] for entry in results[version, number_of]]) for number_of in workers]
                for version in programs
            },
        ),
    )
    for version in programs:
        context.show(
            f"spawnscope record -- ./{programs[version]} 8 {count}; spawnscope report",
            context.text("report", results[version, 8][-1][0]).splitlines()[1:2]
            + report_lines(context, results[version, 8][-1][0], "in flight", "blocked"),
        )
    for pair in results["1.22", 8][-1][3][:1]:
        context.show(
            "spawnscope report --format json --spawns | "
            "jq -c '.spawns[] | [.pid, .start_ns, .phases.create, .phases.wake, .phases.prepare]'     (two of Go 1.22's)",
            [
                json.dumps([spawn["pid"], spawn["start_ns"], *(spawn["phases"].get(name) for name in ("create", "wake", "prepare"))])
                for spawn in pair
            ],
        )
    parts, details = [], []
    for version in programs:
        overlaps = [100 * len(entry[3]) / count for entry in results[version, 8]]
        gains = [many[2] / one[2] for many, one in zip(results[version, 8], results[version, 1])]
        parts.append(
            f"Go {version}: {range_text(overlaps, ' %', 0)} of the spawns overlap, 8 goroutines make {range_text(gains, ' ×', 1)} the "
            "spawns a second of 1"
        )
        for number_of in workers:
            rates, blocked = ([entry[index] for entry in results[version, number_of]] for index in (2, 1))
            details.append(
                f"Go {version} by {number_of}: {range_text(rates, '', 0)} spawns a second, {range_text(blocked, '', 1)} threads blocked"
            )
    return {"answers": answers, "figure": "; ".join(parts), "details": f"{'; '.join(details)}."}


@row(
    "6c",
    "connect to a dead Unix socket blocks the thread that asks for it",
    "refuted where each connect to a socket whose server has ended returns ECONNREFUSED, to one that never was ENOENT, to one whose queue "
    "is full EAGAIN, and no thread sleeps below any of them; confirmed where one sleeps in each to an ended server; else partly",
    "A dead socket is told at once. What blocks is a live one whose queue is full, and only for a program that has not asked for "
    "O_NONBLOCK: Go always does, so that there too its connect fails at once; in C the thread sleeps in unix_wait_for_peer until the "
    "server accepts or, here, until a timer's signal.",
)
def dead_socket(context):
    count = context.count(50, 10)
    errors = {"dead": ("ECONNREFUSED", -111), "never": ("ENOENT", -2), "full": ("EAGAIN", -11)}

    def measure(variant, number):
        command = (
            [context.program("row06_full_socket"), str(min(count, 10))]
            if variant == "C"
            else [context.program("row06_dead_socket_go"), variant, str(count)]
        )
        # The low byte: a thread that was preempted has the bit above it (R+), and does not sleep.
        asleep = context.record(
            f"connect-{variant}{number}-asleep", command, ["-e", "sched:sched_switch", "--filter", "prev_state & 255", "-g"]
        )
        lines = passing(folded(context, asleep, "sched:sched_switch"), "unix_stream_connect")
        code = -512 if variant == "C" else errors[variant][1]
        failed = context.record(
            f"connect-{variant}{number}-failed", command, ["-e", "syscalls:sys_exit_connect", "--filter", f"ret == {code}"]
        )
        return event(failed, "syscalls:sys_exit_connect")["count"], weight(lines), lines, failed["path"]

    results = context.interleaved(measure, [*errors, "C"])
    answers = []
    for number in range(context.rounds):
        failed = [results[variant][number][0] for variant in errors]
        slept = [results[variant][number][1] for variant in errors]
        answers.append("refuted" if failed == [count] * 3 and slept == [0] * 3 else "confirmed" if slept[0] >= count else "partly")
    context.show(
        f"spawnscope record -e syscalls:sys_exit_connect --filter 'ret == -111' -- ./row06_dead_socket_go dead {count}; spawnscope report",
        section(context, results["dead"][-1][3], "EVENTS"),
    )
    context.show(
        "spawnscope record -e sched:sched_switch --filter 'prev_state & 255' -g -- ./row06_full_socket 10; "
        "spawnscope fold --event sched:sched_switch | grep unix_stream_connect",
        results["C"][-1][2],
    )
    figure = "; ".join(
        f"{variant}: {results[variant][-1][0]} of {count} {errors[variant][0]}, {results[variant][-1][1]} slept" for variant in errors
    )
    return {
        "answers": answers,
        "figure": f"{figure}; in C, to a full queue: {results['C'][-1][1]} of {min(count, 10)} slept until a signal",
    }


@row(
    "6d",
    "Go hands the processor of a goroutine that is blocked in a system call over to another thread",
    "confirmed where, with a single processor, at least half of the waits for a command bring one by the runtime's monitor, and each at "
    "least ten calls of the function that another goroutine calls each millisecond; refuted where waits bring under 0.1 hand-overs; else "
    "partly. Beside it the same wait by a raw system call, which the runtime is not told of",
    "The monitor takes the processor from a thread that has been in a system call for some 20 µs, if the call was announced. A raw one "
    "keeps it, and all others wait: so does the creating call, vfork, whose thread keeps its processor until the child executes.",
)
def hand_over(context):
    count = context.count(20, 5)
    program = context.program("row06_hand_over_go")
    probes = [word for name in ("runtime.handoffp", "main.tick") for word in ("--probe", f"{program}:{name}")]

    def measure(variant, number):
        report = context.record(f"handover-{variant}{number}", [program, variant, str(count)], probes)
        spawns_of(report, count)
        lines = passing(folded(context, report, probed(program, "runtime.handoffp")), "runtime.retake")
        return weight(lines) / count, event(report, probed(program, "main.tick"))["count"] / count, lines, report["path"]

    results = context.interleaved(measure, ("told", "untold"))
    answers = [
        "confirmed" if entry[0] >= 0.5 and entry[1] >= 10 else "refuted" if entry[0] < 0.1 else "partly" for entry in results["told"]
    ]
    for variant in results:
        context.show(
            f"spawnscope record --probe ./row06_hand_over_go:runtime.handoffp --probe ./row06_hand_over_go:main.tick -- "
            f"./row06_hand_over_go {variant} {count}; spawnscope report",
            section(context, results[variant][-1][3], "EVENTS"),
        )
    context.show("spawnscope fold --event probe_row06_hand_over_go:runtime.handoffp | grep retake", results["told"][-1][2])
    figure = "; ".join(
        f"{label}: {range_text([entry[0] for entry in results[variant]], ' hand-overs', 1)} and "
        f"{range_text([entry[1] for entry in results[variant]], ' calls', 0)} of another goroutine a wait of 50 ms"
        for variant, label in (("told", "announced"), ("untold", "raw"))
    )
    return {"answers": answers, "figure": figure}
