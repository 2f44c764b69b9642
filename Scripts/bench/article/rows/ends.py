"""Rows 9 to 11: how spawns fail, end and are left behind."""

import os
import sys

from bench.article.context import Failed
from bench.article.row import report_lines, row, section, site, spawns_at, spawns_of


@row(
    "9",
    "a cancelled Context leaks the child unless Wait is called",
    "partly where each child without Wait was ended by SIGKILL and stays unreaped, each with Wait is reaped, and each Run leaves a "
    "grandchild that outlives it; confirmed where a child without Wait goes on running; refuted where nothing is left",
    "The child is killed, but stays a zombie until its parent ends. What leaks while it runs is the grandchild of Run: the kill does not "
    "reach it.",
)
def cancel(context):
    count = context.count(5, 2)

    def measure(_, number):
        report = context.record(f"cancel{number}", [context.program("row09_cancel_go"), str(count)], ["--wait-for-all"])
        spawns_of(report, 4 * count)
        return report

    reports = context.interleaved(measure, ["cancel"])["cancel"]
    answers = []
    for report in reports:
        forgotten = site(report, "main.startAndForget")
        ids = {entry["id"] for entry in forgotten}
        killed = sum(
            1
            for spawn in report["spawns"]
            if spawn.get("callsite") in ids and spawn.get("signal") == 9 and spawn.get("signal_from") == "parent"
        )
        unreaped = sum(entry.get("unreaped", 0) for entry in forgotten)
        waited = sum(entry.get("unreaped", 0) for entry in site(report, "main.startAndWait"))
        orphaned = report["totals"]["orphaned"]
        if killed == count and unreaped == count and waited == 0 and orphaned >= count:
            answers.append("partly")
        else:
            answers.append("refuted" if unreaped == 0 and orphaned == 0 else "confirmed")
    context.show(
        "spawnscope record --wait-for-all -- ./row09_cancel_go 5; spawnscope report",
        section(context, reports[-1]["path"], "LEAKS") + section(context, reports[-1]["path"], "SIGNALS"),
    )
    return {
        "answers": answers,
        "figure": f"without Wait {killed} of {count} killed, {unreaped} unreaped; with Wait {waited} unreaped; "
        f"{orphaned} orphaned grandchildren of {count} Runs",
    }


@row(
    "10",
    "the failure of an exec is not visible to who started it",
    "refuted where each start of a program that is not there is a failed spawn with ENOENT, and the workload, which ends at once where the "
    "error is not returned by StartProcess, ends well; confirmed where it does not; per round",
    "Go reads the child's errno from a pipe before StartProcess returns.",
)
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
        attempts = sum(
            failure["attempts"]
            for failure in report["failures"]
            if failure.get("path") == "/none/such" and failure.get("errno") == "ENOENT"
        )
        answers.append("refuted" if failed == count and attempts == count else "confirmed")
    context.show(
        "spawnscope record -- ./row10_failure_go 20; spawnscope report",
        report_lines(context, reports[-1]["path"], "20 ", "40 ", "FAILED", "1. ", "2. "),
    )
    return {"answers": answers, "figure": f"{failed} of {count} failed spawns, {attempts} attempts with ENOENT, each returned as an error"}


@row(
    "11",
    "a Process object can be used again, and a process group of its own protects from orphans",
    "refuted where each child with Setpgid outlives its parent and ends by itself, each with Pdeathsig is ended by SIGKILL, and the "
    "workload, which ends at once where a second Wait succeeds, ends well; confirmed where no child outlives its parent; else partly",
    "A process group says who gets a terminal's signals, not who ends with whom. What ends with its parent is a child that asked for a "
    "signal.",
)
def orphans(context):
    count = context.count(5, 2)

    def measure(_, number):
        report = context.record(f"orphans{number}", [context.program("row11_orphans_go"), str(count)], ["--wait-for-all"])
        spawns_of(report, 4 * count)
        return report

    reports = context.interleaved(measure, ["orphans"])["orphans"]
    answers = []
    for report in reports:
        grouped, signalled = (spawns_at(report, f"main.{function}") for function in ("startInOwnGroup", "startWithDeathSignal"))
        survived = sum(1 for spawn in grouped if spawn.get("orphaned") and spawn.get("status") == 0)
        ended = sum(1 for spawn in signalled if spawn.get("signal") in (9, "SIGKILL", "KILL"))
        answers.append(
            "refuted" if survived == count and ended == count else "confirmed" if report["totals"]["orphaned"] == 0 else "partly"
        )
    context.show(
        f"spawnscope record --wait-for-all -- ./row11_orphans_go {count}; spawnscope report", section(context, reports[-1]["path"], "LEAKS")
    )
    return {
        "answers": answers,
        "figure": f"{survived} of {count} with Setpgid outlived their parent, {ended} of {count} with Pdeathsig were killed with it",
    }


@row(
    "11b",
    "multiprocessing's workers end with their parent, and run what was registered by atexit",
    "partly where the handler, which starts /bin/true, runs once, in the parent that ends by itself, whose plain workers end with status "
    "0 and daemons by SIGTERM, and where each daemon of the parent that is ended by SIGKILL outlives it; confirmed where none outlives it "
    "and each worker runs the handler; else refuted",
    "A forked worker leaves by os._exit, which runs no handler. What ends daemons is a handler too, the parent's own: a parent that is "
    "killed runs none, and its workers go on.",
)
def workers_of_python(context):
    count = context.count(5, 2)
    script = os.path.join(context.sources, "row11_workers.py")

    def measure(_, number):
        report = context.record(f"workers{number}", [sys.executable, script, "both", str(count)], ["--wait-for-all"])
        # The two parents, three kinds of workers, and what the handler starts.
        parents = [spawn for spawn in report["spawns"] if spawn["outcome"] == "executed" and spawn.get("path") != "/bin/true"]
        killed = {spawn["pid"] for spawn in parents if spawn.get("signal") == 9}
        ended = {spawn["pid"] for spawn in parents} - killed
        handlers = [spawn for spawn in report["spawns"] if spawn.get("path") == "/bin/true"]
        workers = [spawn for spawn in report["spawns"] if spawn["outcome"] == "forked"]
        if len(parents) != 2 or len(killed) != 1 or len(workers) != 3 * count:
            raise Failed(
                f"{len(parents)} parents, {len(killed)} of them killed, and {len(workers)} workers were seen where 2, 1 and "
                f"{3 * count} were made"
            )
        return {
            "by parents": sum(spawn["ppid"] in ended for spawn in handlers),
            "by others": sum(spawn["ppid"] not in ended for spawn in handlers),
            "plain": sum(spawn["ppid"] in ended and spawn.get("status") == 0 for spawn in workers),
            "terminated": sum(spawn["ppid"] in ended and spawn.get("signal") == 15 for spawn in workers),
            "outlived": sum(spawn["ppid"] in killed and "orphaned" in spawn and spawn.get("status") == 0 for spawn in workers),
            "path": report["path"],
        }

    rounds = context.interleaved(measure, ["workers"])["workers"]
    expected = {"by parents": 1, "by others": 0, "plain": count, "terminated": count, "outlived": count}
    answers = [
        "partly"
        if expected.items() <= entry.items()
        else "confirmed"
        if entry["outlived"] == 0 and entry["by others"] == 3 * count
        else "refuted"
        for entry in rounds
    ]
    context.show(
        f"spawnscope record --wait-for-all -- python3 row11_workers.py both {count}; spawnscope report",
        report_lines(context, rounds[-1]["path"], f"{3 * count + 3} spawns", "3 execs") + section(context, rounds[-1]["path"], "LEAKS"),
    )
    context.show(
        "spawnscope fold --frames program",
        context.text("fold", "--frames", "program", rounds[-1]["path"]).replace(sys.executable, "python3").splitlines(),
    )
    last = rounds[-1]
    return {
        "answers": answers,
        "figure": f"the handler ran {last['by parents']} time in parents, {last['by others']} in workers; {last['plain']} of {count} "
        f"plain workers ended by themselves, {last['terminated']} of {count} daemons by their parent's SIGTERM; "
        f"{last['outlived']} of {count} outlived a parent that was killed",
    }
