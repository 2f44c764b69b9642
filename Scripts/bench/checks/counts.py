"""A session holds every spawn: the number in `record`'s summary and the sum of `fold` equal what the program itself printed and what strace
counted, with nothing lost.
"""

from bench.failure import Failure
from bench.folds import total
from bench.page import Table, compose, write_page
from bench.processes import run as run_program
from bench.processes import say
from bench.strace import counting
from bench.strace.log import Undecided
from bench.summary import program_count
from bench.workbench import workbench

INTRODUCTION = """
The number of spawns by four counters: the program's own, strace's fork, vfork, clone and clone3 less threads (another
run of the same program), the session's as `record` sums it up, and the sum of `fold`.
"""


def add_options(parser):
    parser.number("--rounds", 3, "how often each workload is run")
    parser.number("--c-count", 10000, "spawns of the C workload")
    parser.number("--count", 2000, "spawns of each other workload, even")
    parser.recorders(also=("traced",))
    parser.output("Results/counts.md")
    parser.flag("--strace-only", "leave spawnscope out: compares the program with strace")


def run(options):
    commands = () if options.strace_only else ("record", "fold")
    with workbench(*commands, root=not options.strace_only, program=not options.strace_only) as bench:
        table = Table("recorder", "workload", "round", "program", "strace", "session", "fold", "lost", "")
        different = 0
        for recorder in bench.by_each(["-"] if options.strace_only else options.recorders):
            for number in range(1, options.rounds + 1):
                for name, words in workloads(bench, options):
                    cells, is_equal = compare(bench, words, options.strace_only)
                    table.add(recorder, name, number, *cells, "equal" if is_equal else "different")
                    different += not is_equal
        write_page(options.output, compose("Every spawn counted", INTRODUCTION, options, table))
    if different:
        raise Failure(f"{different} of {len(table.rows)} rows differ")


def workloads(bench, options):
    yield "C, posix_spawn", [bench.program("spawn_loop"), options.c_count]
    if bench.has("spawn_loop_go"):
        yield "Go 1.22, os/exec", [bench.program("spawn_loop_go"), options.count]
    yield "Python, subprocess", [bench.python, bench.program("spawn_loop.py"), options.count]
    yield "dash", ["dash", bench.program("spawn_loop.sh"), options.count]
    yield "make -j2", ["dash", bench.program("make_loop.sh"), options.count]


def compare(bench, words, strace_only):
    """The numbers of one run, and whether they are equal."""
    if strace_only:
        done = run_program(words)
        status, made, ours = done.returncode, program_count(done.stdout), []
    else:
        recording = bench.record(*words)
        status, made = recording.status, recording.program_count
        ours = [recording.summary.spawns, total(bench.ask("fold", recording.session)) if status == 0 else None]
    counted = strace_count(bench, words, made)
    is_equal = status == 0 and made is not None and all(number == made for number in [counted, *ours])
    if strace_only:
        return [made, counted, "-", "-", "-"], is_equal
    is_equal = is_equal and recording.summary.lost == 0
    if not is_equal:
        say(recording.summary.text)
    return [made, counted, *("?" if number is None else number for number in [*ours, recording.summary.lost])], is_equal


def strace_count(bench, words, made):
    log = bench.scratch / "strace.log"
    done = run_program(["strace", *counting.OPTIONS, "-o", log, "--", *words])
    if program_count(done.stdout) != made:
        say("the program counted otherwise under strace")
    try:
        with open(log, encoding="utf-8", errors="replace") as lines:
            return counting.count(lines)
    except (OSError, Undecided) as error:
        say(f"strace: {error}")
        return "?"
