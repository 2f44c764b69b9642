"""Rows 1 to 1g: what a spawn costs, and what of it is the spawner's doing."""

import os
import statistics

from seed_context import Failed, range_of, spread
from seed_pictures import line_chart
from seed_row import event, milliseconds, report_lines, row, section, spawns_of


@row(
    "1", "100 × exec.Command(\"true\"): 0.8 to 1.5 ms each",
    "confirmed where the median of a spawn's total time, of the middle one of the rounds, is what is claimed, or half to twice of that, since "
    "the machine is another: 0.4 to 3 ms; refuted elsewhere",
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
    context.draw("seed-systems-row1.svg", "where the time of the spawns goes, by call site and phase",
                 context.text("flamegraph", "--weight", "total", "--frames", "callsite,phase", "--title", f"./row01_run_true_go /bin/true {count}",
                              "-o", "-", session))
    answers = ["confirmed" if 0.4 <= statistics.median(medians) <= 3 else "refuted"]
    return {"answers": answers,
            "figure": f"median of a spawn {spread(medians, ' ms')}, p90 {spread([p90 for _, _, p90 in rounds], ' ms')}"}


@row(
    "1b", "true itself is not the cost, the spawning is",
    "by medians of phases: refuted where exec and run, which are the program's image being loaded, started and ended, take longer than create to "
    "search, which are the spawning, and those of a static child without a libc under three quarters of those of /bin/true; confirmed where "
    "neither holds; else partly",
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
        image, spawning = (sum(report["phases"][name]["p50_ns"] for name in names)
                           for names in (("exec", "run"), ("create", "wake", "prepare", "search")))
        return report, image / (image + spawning), image, sum(faults["phases"].values()) / count, counted

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
            "figure": f"exec and run are {spread([100 * share for share in shares], ' %', 0)} of create to run; those of a static child take "
                      f"{spread(ratios, ' of that')}; page faults a spawn {spread(faults['/bin/true'], '', 0)} "
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
    sizes = (0, 512) if context.quick else (0, 128, 256, 512)
    variants = [(language, size) for language in ("go", "c") for size in sizes]

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
    context.draw("seed-systems-row1d.svg", "create against the spawner's size: C's fork grows with it, Go's vfork does not", line_chart(
        "Creating a process, by the size of who creates it", "resident MiB of the spawner", "create, median of a run, ms",
        {name: [range_of(size, [entry[1] / 1e6 for entry in results[language, size]]) for size in sizes]
         for name, language in (("C, fork", "c"), ("Go, vfork", "go"))}, is_linear=True))
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
    "by counts: confirmed where neither the context switches nor the futex calls that a spawn takes its process fall below two thirds of "
    "those of a goroutine that is not locked; refuted where both do; else partly. What `compare` says of the times stands beside it",
    "The spawning thread is blocked in vfork until the child executes, locked or not. A locked goroutine's thread cannot run anything else, so "
    "that waking it for the wait's result takes a futex call more.")
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
        context.show(f"spawnscope record -e {','.join(events)} -- ./row01g_lock_thread_go {variant} {count}; spawnscope report",
                     section(context, results[variant][-1][0]["path"], "EVENTS"))
    if not context.quick:
        context.show_comparison(program, count, "plain", "locked", runs=10)
    each = {variant: [spread([entry[1][place] for entry in entries], digits=1) for place in (0, 1)]
            for variant, entries in results.items()}
    return {"answers": answers,
            "figure": "; ".join(f"{variant}: {switches} switches and {calls} futex calls a spawn"
                                for variant, (switches, calls) in each.items())}
