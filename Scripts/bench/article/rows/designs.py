"""Rows 12 to 15: other designs, and a gate for choosing among them."""

import os

from bench.article.context import Failed
from bench.article.row import event, probed, report_lines, row, section, spawns_of
from bench.figures import range_text


@row(
    "12",
    "a memfd passes signals, descriptors and the environment without copying",
    "by the median exec with 2042 variables and the calls of write, none of which the same program makes with an environment: confirmed "
    "where exec takes under 0.7 times as long when their bytes come by a memfd, and no spawn needs a write; refuted where exec takes at "
    "least 0.9 times as long; else partly",
    "exec copies every string of the environment, and what comes by a memfd it leaves alone; but each memfd is written once, which is a "
    "copy, and read where the child maps it. With few variables there is nothing to save. A memfd is a descriptor, inherited as any "
    "other: it carries bytes, neither other descriptors nor signals, of which none was delivered to a child.",
)
def memfd(context):
    count = context.count(100, 20)
    sizes = (42, 542, 2042)
    program, reader = context.program("row12_memfd_go"), context.program("row12_reader")
    calls = ("syscalls:sys_enter_memfd_create", "syscalls:sys_enter_write", "signal:signal_deliver")

    def measure(variant, number):
        way, size = variant
        command = [program, way, str(size), reader, str(count)]
        report = context.record(f"{way}{size}-{number}", command)
        spawns_of(report, count)
        exec_time = report["phases"]["exec"]["p50_ns"] / 1000
        if size != max(sizes):
            return exec_time, report["path"]
        counted = context.record(f"{way}{size}-{number}-calls", command, ["-e", ",".join(calls)])
        memfds, writes, signals = (event(counted, name) for name in calls)
        if memfds["count"] != (count if way == "memfd" else 0):
            raise Failed(f"{memfds['count']} memfds were made by {way}")
        return exec_time, counted["path"], writes["count"] / count, sum(signals["phases"].values())

    results = context.interleaved(measure, [(way, size) for size in sizes for way in ("environment", "memfd")])
    ratios = {size: [by[0] / of[0] for by, of in zip(results["memfd", size], results["environment", size])] for size in sizes}
    answers = []
    for ratio, by in zip(ratios[max(sizes)], results["memfd", max(sizes)]):
        answers.append("refuted" if ratio >= 0.9 else "confirmed" if ratio < 0.7 and by[2] == 0 else "partly")
    for way in ("environment", "memfd"):
        last = results[way, max(sizes)][-1]
        context.show(
            f"spawnscope record -e {','.join(calls)} -- ./row12_memfd_go {way} {max(sizes)} ./row12_reader {count}; spawnscope report",
            report_lines(context, last[1], "PHASE", "exec ") + section(context, last[1], "EVENTS"),
        )
    last = results["memfd", max(sizes)][-1]
    times = "; ".join(f"{size} variables: {range_text(ratios[size], ' ×')}" for size in sizes)
    return {
        "answers": answers,
        "figure": f"exec by memfd against by environment, {times}; {last[2]:.0f} write a spawn, {last[3]} signals delivered to children",
    }


@row(
    "12b",
    "no_new_privs, a seccomp filter and namespaces of its own cost a spawn nothing",
    "by the medians of create and prepare together, against a plain spawn: confirmed where each of the three takes under 1.5 times as "
    "long; refuted where each takes at least twice as long; else partly. Each must be made by fork or, with namespaces, by clone, and "
    "call prctl in prepare 0, 1, 2 and 0 times",
    "no_new_privs is a bit, set by a call between fork and exec; a filter is another call. Namespaces are made by clone itself, most of "
    "all that of the network.",
)
def sandbox(context):
    count = context.count(100, 20)
    program = context.program("row12_sandbox")
    calls = {"plain": 0, "no_new_privs": 1, "seccomp": 2, "namespaces": 0}

    def measure(variant, number):
        report = context.record(f"{variant}{number}", [program, variant, str(count)], ["-e", "syscalls:sys_enter_prctl"])
        spawns_of(report, count)
        made = {method for entry in report["callsites"] for method, number_of in entry["methods"].items() if number_of}
        asked = event(report, "syscalls:sys_enter_prctl")["phases"].get("prepare", 0)
        if made != {"clone" if variant == "namespaces" else "fork"} or asked != calls[variant] * count:
            raise Failed(f"{variant}: made by {', '.join(sorted(made))}, with {asked} calls of prctl before exec")
        return sum(report["phases"][name]["p50_ns"] for name in ("create", "prepare")) / 1000, report["path"]

    results = context.interleaved(measure, calls)
    ratios = {
        variant: [entry[0] / plain[0] for entry, plain in zip(results[variant], results["plain"])]
        for variant in calls
        if variant != "plain"
    }
    answers = []
    for number in range(context.rounds):
        each = [ratios[variant][number] for variant in ratios]
        answers.append("confirmed" if max(each) < 1.5 else "refuted" if min(each) >= 2 else "partly")
    for variant in calls:
        context.show(
            f"spawnscope record -e syscalls:sys_enter_prctl -- ./row12_sandbox {variant} {count}; spawnscope report",
            report_lines(context, results[variant][-1][1], f"{count} execs", "create ", "prepare "),
        )
    return {
        "answers": answers,
        "figure": "create and prepare against a plain spawn's: "
        + ", ".join(f"{variant} {range_text(ratios[variant], ' ×', 1)}, {calls[variant]} prctl" for variant in ratios),
    }


@row(
    "13",
    "StartProcess, a channel and a sync.Pool make a program that starts programs much faster, and collect less garbage",
    "by calls of runtime.gcStart with GOGC=10 and spawns a second, both with two goroutines: confirmed where garbage is collected under "
    "half as often as with exec.Cmd, and spawns are at least twice as many a second; refuted where it is collected at least 0.8 times as "
    "often; else partly",
    "The pool saves buffers, and so collections. What a spawn costs is the kernel's work, and that is the same: it is made in the same "
    "way, and its exec takes as long.",
)
def pool(context):
    count = context.count(1000, 300)
    program = context.program("row13_pool_go")
    often = dict(os.environ, GOGC="10")

    def measure(variant, number):
        report = context.record(f"pool-{variant}{number}", [program, variant, str(count)], ["--probe", program + ":runtime.gcStart"], often)
        spawns_of(report, count)
        made = {method for entry in report["callsites"] for method, number_of in entry["methods"].items() if number_of}
        if made != {"vfork"}:
            raise Failed(f"{variant}: made by {', '.join(sorted(made))}")
        collections = event(report, probed(program, "runtime.gcStart"))["count"] * 1000 / count
        return collections, count / report["session"]["duration_ns"], report["phases"]["exec"]["p50_ns"], report["path"]

    results = context.interleaved(measure, ("command", "pool"))
    pairs = list(zip(results["pool"], results["command"]))
    if any(command[0] == 0 for _, command in pairs):
        raise Failed("exec.Cmd collected no garbage at all")
    collected, rates, execs = ([by[index] / of[index] for by, of in pairs] for index in range(3))
    answers = [
        "refuted" if fewer >= 0.8 else "confirmed" if fewer < 0.5 and rate >= 2 else "partly" for fewer, rate in zip(collected, rates)
    ]
    for variant in results:
        path = results[variant][-1][3]
        context.show(
            f"GOGC=10 spawnscope record --probe ./row13_pool_go:runtime.gcStart -- ./row13_pool_go {variant} {count}; spawnscope report",
            report_lines(context, path, "PHASE", "create ", "exec ", "overhead ") + section(context, path, "EVENTS"),
        )
    return {
        "answers": answers,
        "figure": f"{range_text(collected, ' ×')} the garbage collections, {range_text(rates, ' ×')} the spawns a second; exec takes "
        f"{range_text(execs, ' ×')} as long",
    }


@row(
    "14",
    "a long-lived worker is cheaper than a process for each request",
    "confirmed where the worker's requests need under a tenth of the spawns and under a fifth of the time; refuted where they need as "
    "many spawns; else partly. Beside them the program answers itself, which must need no spawn, and by a helper that starts the "
    "processes, which needs one more",
    "One spawn serves all requests; what is left is a write and a read each. A helper moves the spawns to another process, and saves "
    "none: Go's vfork costs the same from a large one.",
)
def worker(context):
    count = context.count(200, 100)
    expected = {"spawn": count, "worker": 1, "itself": 0, "helper": count + 1}

    def measure(variant, number):
        report = context.record(f"worker-{variant}{number}", [context.program("row14_worker_go"), variant, str(count)])
        spawns_of(report, expected[variant])
        return report, report["session"]["duration_ns"] / count

    results = context.interleaved(measure, list(expected))
    ratios = {variant: [spawn[1] / entry[1] for spawn, entry in zip(results["spawn"], results[variant])] for variant in results}
    spawns = {variant: results[variant][-1][0]["totals"]["spawns"] for variant in results}
    answers = [
        "refuted"
        if spawns["worker"] >= spawns["spawn"]
        else "confirmed"
        if spawns["worker"] * 10 < spawns["spawn"] and ratio > 5
        else "partly"
        for ratio in ratios["worker"]
    ]
    for variant in results:
        context.show(
            f"spawnscope record -- ./row14_worker_go {variant} {count}; spawnscope report",
            context.text("report", results[variant][-1][0]["path"]).splitlines()[1:3],
        )
    context.show(
        "spawnscope fold --frames ancestry,program     (of helper)",
        context.text("fold", "--frames", "ancestry,program", results["helper"][-1][0]["path"]).splitlines(),
    )
    made = ", ".join(f"{variant} {spawns[variant]}" for variant in spawns)
    return {
        "answers": answers,
        "figure": f"spawns for {count} requests: {made}; a process of its own takes {range_text(ratios['worker'], ' ×', 0)} as long as the "
        f"worker, {range_text(ratios['itself'], ' ×', 0)} as the program itself, {range_text(ratios['helper'], ' ×')} as the helper",
    }


@row(
    "15",
    "a change of how programs are started should pass thresholds that were set before",
    "shown where the committed budget, spawn-budget.yml, is kept by the worker of row 14 with exit status 0, is exceeded by a process for each "
    "request with 1, and `compare` of the two says worse with 1",
    "Counts are exact, so the gate is the same on every machine; the budget is a file to be committed.",
)
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
            "compare", "--counts-only", "--base", sessions["worker"], "--head", sessions["spawn"], "--allow-different-machines"
        )
        return within[0], over[0], worse[0], over[1], sessions

    rounds = context.interleaved(measure, ["gate"])["gate"]
    answers = ["shown" if entry[:3] == (0, 1, 1) else "refuted" for entry in rounds]
    context.show(
        "spawnscope budget --file spawn-budget.yml spawn.data; echo $?",
        [line for line in rounds[-1][3].splitlines() if line.strip()][:4] + [str(rounds[-1][1])],
    )
    return {"answers": answers, "figure": "exit status {} within, {} over the budget, {} of compare".format(*rounds[-1][:3])}
