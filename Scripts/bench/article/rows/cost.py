"""Rows 1 to 1d: what a spawn costs."""

import os
import statistics

from bench.article.chart import line_chart, range_of
from bench.article.context import Failed
from bench.article.row import event, milliseconds, report_lines, row, section, spawns_of
from bench.figures import range_text


@row(
    "1",
    '100 × exec.Command("true"): 0.8 to 1.5 ms each',
    "confirmed where the median of a spawn's total time, of the middle one of the rounds, is what is claimed, or half to twice of that, since "
    "the machine is another: 0.4 to 3 ms; refuted elsewhere",
    "The phases say where that time goes: most of it is run, that is the program's image starting and ending.",
)
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
    context.show(
        "spawnscope record -- ./row01_run_true_go /bin/true 100; spawnscope report",
        report_lines(context, session, "PHASE", "create", "wake", "prepare", "exec", "run", "reap", "1. "),
    )
    context.draw(
        "article-row1.svg",
        "where the time of the spawns goes, by call site and phase",
        context.text(
            "flamegraph",
            "--weight",
            "total",
            "--frames",
            "callsite,phase",
            "--title",
            f"./row01_run_true_go /bin/true {count}",
            "-o",
            "-",
            session,
        ),
    )
    answers = ["confirmed" if 0.4 <= statistics.median(medians) <= 3 else "refuted"]
    return {
        "answers": answers,
        "figure": f"median of a spawn {range_text(medians, ' ms')}, p90 {range_text([p90 for _, _, p90 in rounds], ' ms')}",
    }


@row(
    "1b",
    "true itself is not the cost, the spawning is",
    "by medians of phases: refuted where exec and run, which are the program's image being loaded, started and ended, take longer than create to "
    "search, which are the spawning, and those of a static child without a libc under three quarters of those of /bin/true; confirmed where "
    "neither holds; else partly",
    "The child's own image is most of the cost: the kernel maps it, the dynamic linker links it, faults bring its pages, exit takes all "
    "down again. Page faults tell the same: they fall into run and exec.",
)
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
        image, spawning = (
            sum(report["phases"][name]["p50_ns"] for name in names) for names in (("exec", "run"), ("create", "wake", "prepare", "search"))
        )
        return report, image / (image + spawning), image, sum(faults["phases"].values()) / count, counted

    results = context.interleaved(measure, list(programs))
    shares = [entry[1] for entry in results["/bin/true"]]
    ratios = [small[2] / whole[2] for small, whole in zip(results["static"], results["/bin/true"])]
    answers = []
    for share, ratio in zip(shares, ratios):
        answers.append("refuted" if share > 0.5 and ratio < 0.75 else "confirmed" if share <= 0.5 and ratio >= 0.75 else "partly")
    for variant in programs:
        program = os.path.basename(programs[variant])
        context.show(
            f"spawnscope record -- ./row01_run_true_go {program} {count}; spawnscope report",
            report_lines(context, results[variant][-1][0]["path"], "PHASE", "create", "exec", "run ", "overhead"),
        )
        context.show(
            f"spawnscope record -e exceptions:page_fault_user -- ./row01_run_true_go {program} {count}; spawnscope report",
            section(context, results[variant][-1][4]["path"], "EVENTS"),
        )
    faults = {variant: [entry[3] for entry in results[variant]] for variant in programs}
    return {
        "answers": answers,
        "figure": f"exec and run are {range_text([100 * share for share in shares], ' %', 0)} of create to run; those of a static child take "
        f"{range_text(ratios, ' of that')}; page faults a spawn {range_text(faults['/bin/true'], '', 0)} "
        f"against {range_text(faults['static'], '', 0)}",
    }


@row(
    "1c",
    "the world is stopped before each fork",
    "confirmed where runtime.stopTheWorldWithSema is called at least once a spawn; refuted where what is called of it outside of the "
    "garbage collector's own cycles is under one in twenty spawns; else partly",
    "Calls of the function that stops the world are counted by a probe, each with its caller. It stops for the garbage collector, and not "
    "for a spawn.",
)
def stop_the_world(context):
    count = context.count(400, 40)
    probe = context.program("row01_run_true_go") + ":runtime.stopTheWorldWithSema"
    # A probe that counted nothing at all would refute anything: one cycle of the collector stops the world twice.
    cycles = 10
    control = context.record(
        "collect",
        [context.program("row01c_collect_go"), str(cycles)],
        ["--probe", context.program("row01c_collect_go") + ":runtime.stopTheWorldWithSema"],
    )
    controlled = event(control, "probe_row01c_collect_go:runtime.stopTheWorldWithSema")["count"]
    if controlled < 2 * cycles:
        raise Failed(f"the probe counted {controlled} stops in {cycles} garbage collections")

    def measure(_, number):
        report = context.record(f"world{number}", [context.program("row01_run_true_go"), "/bin/true", str(count)], ["--probe", probe])
        spawns_of(report, count)
        counted = event(report, "probe_row01_run_true_go:runtime.stopTheWorldWithSema")["count"]
        stacks = (
            context.text("fold", "--event", "probe_row01_run_true_go:runtime.stopTheWorldWithSema", report["path"]).splitlines()
            if counted
            else []
        )
        outside = sum(
            int(line.rsplit(" ", 1)[1]) for line in stacks if not any(name in line for name in ("runtime.gcStart", "runtime.gcMark"))
        )
        return report, counted, outside, stacks

    rounds = context.interleaved(measure, ["world"])["world"]
    answers = ["confirmed" if counted >= count else "refuted" if outside < count / 20 else "partly" for _, counted, outside, _ in rounds]
    _, _, _, stacks = rounds[-1]
    context.show(
        "spawnscope record --probe ./row01_run_true_go:runtime.stopTheWorldWithSema -- ./row01_run_true_go /bin/true 400; "
        "spawnscope report",
        report_lines(context, rounds[-1][0]["path"], "EVENTS", "0  ", str(rounds[-1][1]) + " "),
    )
    if stacks:
        context.show("spawnscope fold --event probe_row01_run_true_go:runtime.stopTheWorldWithSema", stacks[:6])
    context.show(
        f"spawnscope record --probe ./row01c_collect_go:runtime.stopTheWorldWithSema -- ./row01c_collect_go {cycles}; spawnscope report",
        section(context, control["path"], "EVENTS"),
    )
    return {
        "answers": answers,
        "figure": f"{controlled} stops in {cycles} garbage collections, "
        f"{range_text([counted for _, counted, _, _ in rounds], '', 0)} stops in {count} spawns, "
        f"{range_text([outside for _, _, outside, _ in rounds], '', 0)} of them outside of the garbage collector",
    }


@row(
    "1d",
    "fork copies the spawner's address space",
    "of Go: refuted where no spawn is made by fork, and create with 512 MiB grows to less than a fifth of what it grows to in C's fork; "
    "confirmed where it grows to half of that or more; else partly",
    "Go has used CLONE_VM with CLONE_VFORK since 1.9: no page table is copied. A C program that forks pays for each page that it has.",
)
def address_space(context):
    count = context.count(40, 10)
    sizes = (0, 512) if context.quick else (0, 128, 256, 512)
    variants = [(language, size) for language in ("go", "c") for size in sizes]

    def measure(variant, number):
        language, size = variant
        report = context.record(
            f"ballast-{language}{size}-{number}", [context.program(f"row01d_ballast_{language}"), str(size), str(count)]
        )
        spawns_of(report, count)
        methods = {}
        for site in report["callsites"]:
            for method, made in site["methods"].items():
                methods[method] = methods.get(method, 0) + made
        return report, report["phases"]["create"]["p50_ns"], methods

    results = context.interleaved(measure, variants)
    ratios = {
        language: [large[1] / small[1] for large, small in zip(results[language, 512], results[language, 0])] for language in ("go", "c")
    }
    answers = []
    for number, ratio in enumerate(ratios["go"]):
        methods = results["go", 512][number][2]
        grown = ratio / ratios["c"][number]
        answers.append("refuted" if methods.get("fork", 0) == 0 and grown < 0.2 else "confirmed" if grown >= 0.5 else "partly")
    context.draw(
        "article-row1d.svg",
        "create against the spawner's size: C's fork grows with it, Go's vfork does not",
        line_chart(
            "Creating a process, by the size of who creates it",
            "resident MiB of the spawner",
            "create, median of a run, ms",
            {
                name: [range_of(size, [entry[1] / 1e6 for entry in results[language, size]]) for size in sizes]
                for name, language in (("C, fork", "c"), ("Go, vfork", "go"))
            },
            is_linear=True,
        ),
    )
    for language in ("go", "c"):
        report = results[language, 512][-1][0]
        context.show(
            f"spawnscope record -- ./row01d_ballast_{language} 512 40; spawnscope report",
            report_lines(context, report["path"], str(count) + " execs", "create"),
        )
    return {
        "answers": answers,
        "figure": f"create with 512 MiB against none: Go {range_text(ratios['go'], ' ×')} by "
        f"{'/'.join(results['go', 512][-1][2])}, C's fork {range_text(ratios['c'], ' ×', 0)}",
    }
