"""Rows 12 to 15: other designs, and a gate for choosing among them."""

import os

from seed_context import spread
from seed_row import row, spawns_of


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
