"""Rows 6 to 8: spawning at full speed, and what it collects."""

import os

from seed_context import spread
from seed_row import event, report_lines, row, section, spawns_of


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
