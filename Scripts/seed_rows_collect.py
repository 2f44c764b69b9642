"""Row 8: what collecting a command's output costs."""

import os

from seed_context import spread
from seed_row import event, row, section, spawns_of


@row(
    "8", "CombinedOutput costs 32 times the memory and 6 times the garbage collections of Run",
    "by calls of runtime.gcStart, per thousand spawns, with GOGC=10 so that there are enough to count: confirmed where those of "
    "CombinedOutput are at least 4 times those of Run, refuted where they are under 3 times, else partly; the memory of the claim is not "
    "measured",
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
        context.show(f"GOGC=10 spawnscope record --probe ./row08_combined_go:runtime.gcStart -- ./row08_combined_go {variant} {count}; "
                     "spawnscope report", section(context, results[variant][-1][0]["path"], "EVENTS"))
    each = ", ".join(f"{variant} {spread([entry[1] for entry in results[variant]], '', 1)}" for variant in variants)
    return {"answers": answers, "reason": "Run collected no garbage at all" if "undecided" in answers else None,
            "figure": f"garbage collections per 1,000 spawns: {each}"
                      + (f"; CombinedOutput {spread(ratios, ' × Run')}" if ratios else "")}
