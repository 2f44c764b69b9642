"""Row 8: what collecting a command's output costs, and who closes what of it."""

import os

from bench.article.context import Failed
from bench.article.row import event, folded, passing, probed, row, section, spawns_of
from bench.figures import range_text
from bench.folds import weight


@row(
    "8",
    "CombinedOutput costs 32 times the memory and 6 times the garbage collections of Run",
    "by calls of runtime.gcStart, per thousand spawns, with GOGC=10 so that there are enough to count: confirmed where those of "
    "CombinedOutput are at least 4 times those of Run, refuted where they are under 3 times, and its largest resident size under 3 times "
    "Run's, as far as it is known; else partly",
    "What collects is the buffer and the goroutine that fills it. Which of the three collects more often is counted by a probe; a "
    "collection comes with each 0.4 MB or so that were allocated, so that the ratio is also that of the allocated bytes. The resident "
    "size is the spawner's at its largest, when it made a spawn.",
)
def combined(context):
    count = context.count(2000, 300)
    often = dict(os.environ, GOGC="10")
    variants = ("run", "combined", "output")
    program = context.program("row08_combined_go")

    def measure(variant, number):
        report = context.record(
            f"combined-{variant}{number}", [program, variant, str(count)], ["--probe", program + ":runtime.gcStart"], often
        )
        spawns_of(report, count)
        resident = [site["spawner_resident_bytes"]["max"] for site in report["callsites"] if "spawner_resident_bytes" in site]
        return report, event(report, probed(program, "runtime.gcStart"))["count"] * 1000 / count, max(resident, default=0) / 1024 / 1024

    results = context.interleaved(measure, variants)
    answers, ratios = [], []
    for number in range(context.rounds):
        base, other = results["run"][number], results["combined"][number]
        if base[1] == 0:
            answers.append("undecided")
            continue
        ratios.append(other[1] / base[1])
        answers.append("confirmed" if ratios[-1] >= 4 else "refuted" if ratios[-1] < 3 and other[2] <= 3 * base[2] else "partly")
    for variant in variants:
        context.show(
            f"GOGC=10 spawnscope record --probe ./row08_combined_go:runtime.gcStart -- ./row08_combined_go {variant} {count}; "
            "spawnscope report",
            section(context, results[variant][-1][0]["path"], "EVENTS"),
        )
    each = ", ".join(f"{variant} {range_text([entry[1] for entry in results[variant]], '', 1)}" for variant in variants)
    sizes = ", ".join(f"{variant} {range_text([entry[2] for entry in results[variant]], ' MiB', 1)}" for variant in variants)
    return {
        "answers": answers,
        "reason": "Run collected no garbage at all" if "undecided" in answers else None,
        "figure": f"garbage collections per 1,000 spawns: {each}"
        + (f"; CombinedOutput {range_text(ratios, ' × Run')}" if ratios else "")
        + f"; resident: {sizes}",
    }


@row(
    "8b",
    "Wait closes the program's ends of a command's pipes, of an io.Pipe too",
    "by the stacks of close and of io.(*pipe).closeWrite: confirmed where with a buffer, StdoutPipe and an io.Pipe alike Wait closes an "
    "end a spawn; refuted where it closes none of any; else partly. In each, a spawn must make two of the kernel's pipes, one of which "
    "tells of its exec",
    "Wait closes the reading end of StdoutPipe. For a buffer, and for an io.Pipe, which is no file, the library makes a pipe of its own, "
    "and the goroutine that copies from it closes its reading end. The child's ends are closed by Start. An io.Pipe saves no pipe, it "
    "adds a copy; its writer is closed by nobody but the program.",
)
def closes(context):
    count = context.count(100, 20)
    program = context.program("row08_pipes_go")
    variants = ("buffer", "stdout-pipe", "io-pipe")
    close, writer = "syscalls:sys_enter_close", probed(program, "io.(*pipe).closeWrite")
    closers = {"Wait": "os/exec.(*Cmd).Wait", "Start": "os/exec.(*Cmd).Start.func1", "a goroutine": "os/exec.(*Cmd).writerDescriptor.func1"}

    def measure(variant, number):
        report = context.record(
            f"pipes-{variant}{number}",
            [program, variant, str(count)],
            ["-e", f"{close},syscalls:sys_enter_pipe2", "-g", "--probe", f"{program}:io.(*pipe).closeWrite"],
        )
        spawns_of(report, count)
        closed = folded(context, report, close)
        by = {who: weight(passing(closed, frame)) for who, frame in closers.items()}
        written = folded(context, report, writer) if variant == "io-pipe" else []
        pipes = weight(passing(folded(context, report, "syscalls:sys_enter_pipe2"), "syscall.Pipe2"))
        by["Wait"] += weight(passing(written, closers["Wait"]))
        return by, pipes, weight(passing(written, "main.byIOPipe")), passing(closed, "os/exec.(*Cmd).Wait"), report["path"]

    results = context.interleaved(measure, variants)
    answers = []
    for number in range(context.rounds):
        by_wait = [results[variant][number][0]["Wait"] for variant in variants]
        pipes = {results[variant][number][1] for variant in variants}
        if pipes != {2 * count}:
            raise Failed(f"{sorted(pipes)} pipes were made where {2 * count} were expected of each variant")
        answers.append("confirmed" if min(by_wait) >= count else "refuted" if max(by_wait) == 0 else "partly")
    for variant in variants:
        context.show(
            f"spawnscope record -e {close},syscalls:sys_enter_pipe2 -g --probe './row08_pipes_go:io.(*pipe).closeWrite' -- "
            f"./row08_pipes_go {variant} {count}; spawnscope report",
            section(context, results[variant][-1][4], "EVENTS"),
        )
    context.show("spawnscope fold --event syscalls:sys_enter_close | grep Wait     (of stdout-pipe)", results["stdout-pipe"][-1][3])
    figure = "; ".join(
        f"{variant}: {results[variant][-1][1] / count:.0f} pipes a spawn, an end closed by "
        + ", ".join(f"{who} {number / count:.0f}" for who, number in results[variant][-1][0].items())
        for variant in variants
    )
    return {"answers": answers, "figure": f"{figure}; io.Pipe's writer closed by the program {results['io-pipe'][-1][2] / count:.0f}"}
