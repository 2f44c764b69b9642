"""Row 7: what a system call costs in Go."""

import os

from bench.article.context import Failed
from bench.article.row import event, passing, row, section
from bench.figures import range_text
from bench.folds import weight


@row(
    "7",
    "a loop of system calls in Go loses 87 % of its throughput, to TLB flushes",
    "by CPU time, from cpu-clock samples while no system calls are recorded: refuted where a loop by syscall.Syscall loses under 60 % of "
    "the throughput of one by syscall.RawSyscall, and less than one call in a hundred flushes a TLB; confirmed where it loses at least 80 "
    "% and each call flushes; else partly",
    "What it loses is spent in entersyscall and exitsyscall, by which Go's scheduler knows that a thread may block; a raw call leaves "
    "them out. A getppid changes no page table, so there is nothing to flush.",
)
def system_calls(context):
    count = context.count(1000000, 200000)
    few = 20000
    slow_path = ("syscall_trace_enter", "syscall_exit_work")
    commands = {
        "Syscall": [context.program("row07_calls_go"), "told"],
        "RawSyscall": [context.program("row07_calls_go"), "untold"],
        "C": [context.program("row07_calls")],
    }

    def sampled(name, command, *options):
        report = context.record(name, [*command, str(count)], ["--sample", "999", *options])
        lines = context.text("fold", "-q", "--frames", "user,kernel", "--weight", "period", report["path"]).splitlines()
        return report, lines, weight(passing(lines, *slow_path)) / weight(lines)

    def measure(variant, number):
        command = commands[variant]
        counted = context.record(f"{variant}{number}-calls", [*command, str(few)], ["-e", "syscalls:sys_enter_getppid"])
        calls = event(counted, "syscalls:sys_enter_getppid")["count"]
        if calls != few:
            raise Failed(f"{calls} system calls of {variant} were seen where {few} were made")
        # While events of a recording are being closed, all processes are on the slow path still.
        context.wait_for_closing()
        bare = context.cpu_time([*command, str(count)])
        report, lines, left = sampled(f"{variant}{number}", command, "--no-syscalls", "-e", "tlb:tlb_flush")
        _, slow, own = sampled(f"{variant}{number}-slow", command)
        hooks = passing(lines, "runtime.entersyscall", "runtime.exitsyscall")
        return {
            "bare": bare,
            "cpu": weight(lines),
            "left": left,
            "recorded": weight(slow),
            "own": own,
            "hooks": weight(hooks),
            "flushes": event(report, "tlb:tlb_flush")["count"],
            "path": report["path"],
            "slow": slow,
        }

    def lost(number, cost):
        told, raw = (cost(results[variant][number]) for variant in ("Syscall", "RawSyscall"))
        return 100 * (1 - raw / told)

    results = context.interleaved(measure, commands)
    rounds = range(context.rounds)
    losses = [lost(number, lambda entry: entry["cpu"]) for number in rounds]
    bare = [lost(number, lambda entry: entry["bare"]) for number in rounds]
    under = [lost(number, lambda entry: entry["recorded"]) for number in rounds]
    without = [lost(number, lambda entry: entry["recorded"] * (1 - entry["own"])) for number in rounds]
    answers = []
    for loss, told in zip(losses, results["Syscall"]):
        flushes = told["flushes"] / count
        answers.append("refuted" if loss < 60 and flushes < 0.01 else "confirmed" if loss >= 80 and flushes >= 1 else "partly")
    last = results["Syscall"][-1]
    context.show(
        f"spawnscope record --no-syscalls --sample 999 -e tlb:tlb_flush -- ./row07_calls_go told {count}; spawnscope report",
        section(context, last["path"], "EVENTS"),
    )
    context.show(
        f"spawnscope record --sample 999 -- ./row07_calls_go told {count}; "
        f"spawnscope fold --frames user,kernel --weight period | grep -E '{'|'.join(slow_path)}'",
        sorted(passing(last["slow"], *slow_path), key=lambda line: -weight([line]))[:3],
    )
    hooks = [100 * entry["hooks"] / entry["cpu"] for entry in results["Syscall"]]
    flushes = ", ".join(
        f"{variant} {range_text([entry['flushes'] * 1e6 / count for entry in results[variant]], '', 0)}" for variant in commands
    )
    own, left = ([100 * entry[key] for entry in results["C"]] for key in ("own", "left"))
    details = (
        "Bare, a call takes "
        + ", ".join(f"{range_text([entry['bare'] / count for entry in results[variant]], ' ns', 0)} by {variant}" for variant in commands)
        + f", and {range_text(bare, ' %', 0)} are lost. Our own share is the kernel's slow path: while Spawnscope records system calls, "
        f"{range_text(own, ' %', 0)} of the time of C's loop are in it, with --no-syscalls {range_text(left, ' %', 0)}. Recorded with it, "
        f"{range_text(under, ' %', 0)} are lost, and {range_text(without, ' %', 0)} with each loop's share subtracted."
    )
    if max(left) > 2:
        details += " Some are so even then: something else recorded system calls on this machine meanwhile."
    if not os.path.exists("/sys/bus/event_source/devices/cpu"):
        details += (
            " This machine has no PMU: misses of the TLB, and the cycles that it takes to fill it again, cannot be counted, "
            "only the flushes that the kernel makes."
        )
    return {
        "answers": answers,
        "details": details,
        "figure": f"{range_text(losses, ' %', 0)} lost; {range_text(hooks, ' %', 0)} of the time is in the scheduler's hooks; TLB flushes in a "
        f"million calls: {flushes}",
    }
