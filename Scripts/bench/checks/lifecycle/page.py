"""The page of the lifecycles."""

from bench.page import compose
from bench.processes import first_line

TWO_RUNS = """
## Two runs

Each program was recorded, and run again under `strace -f`, of whose log a model of its own makes the same numbers by the rules of
counting. *Equal*: totals, failed attempts by path and errno, and for each spawn method, outcome, path, exit status or signal,
unreaped, orphaned, unfinished, whether it was reaped, and what its spawner was started as; nothing lost; and as many as the program
itself says. Runs of one workload that gave the same row are one line.
"""

SAME_RECORDING = """
## The same recording

`spawnscope record -- strace -f … -- PROGRAM`: both see the same processes, and each spawn below strace is looked up by its pid. The figures
count fields: of each spawn its spawner, method, outcome, path, chain of programs, number of execs and failed attempts, exit status or
signal and who sent that, unreaped, orphaned, unfinished, reaped, bytes of argv and of the environment, and whether its creation, its
first exec and its end lie between strace's stamps of the call before and after; of the recording failed attempts by path and errno,
every total, and that nothing was lost.

- Left out are the processes that strace starts to try out the kernel: the recording has them as children of its root, the log has not. Of
  PROGRAM itself strace is the parent, so that who made and reaped it is not compared.
- *Not known*: the report says nothing, and says so. 32-bit system calls fire no tracepoint, nor does the entry of one that a
  filter denies, whose path therefore is not told; nor does anything when the kernel reaps a child (SA_NOCLDWAIT). A value that is given has
  to be right there, too.
- *strace cannot decide*: who sent a SIGKILL that no kill(2) of a single process tells of; the order of two ends that strace told within 5 ms of each
  other; what a script whose file is gone, or was named by a relative path, has as an interpreter; an environment passed as NULL.
- ptrace itself changes what happens, not what is told: a child's end is told to strace first, and to its parent when strace has waited; a SIGCHLD that
  comes late restarts a fork, whose creation counts from the first time that it was asked for.
- Not compared: phases' lengths (python3 Scripts/bench check phases), call sites (python3 Scripts/bench check stacks, python3 Scripts/bench check gdb), time blocked, sizes of
  the spawner, which strace does not tell.
"""


def text(comparisons, options):
    sections = []
    if any(each.runs for each in comparisons):
        sections.append(TWO_RUNS)
        sections += [f"### Recorder {each.recorder}\n\n{each.two_runs.text}\n\n{each.table}" for each in comparisons]
    if any(each.same_runs for each in comparisons):
        sections.append(SAME_RECORDING)
        sections += [f"### The same, {each.recorder}\n\n{each.same.text}\n\n{each.same_table}" for each in comparisons]
    first = comparisons[0]
    beside = [first_line(["strace", "-V"]), first_line([first.bench.python, "--version"]), *first.versions]
    return compose("Every spawn's life, beside strace", "", options, "\n".join(first.left_out), *sections, beside=beside)
