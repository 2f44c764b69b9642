"""The page of what whoever has no rights records."""

import pathlib

from bench.page import compose, table
from bench.processes import first_line

INTRODUCTION = """
Every program of `python3 Scripts/bench check lifecycle`, recorded by whoever has no rights: by *traced* (ptrace) and by *inherited* (events
that children inherit), wherever the place allows it. Each was run there three times: under `strace -f`, and by each recorder. *Equal*: the
sums, and of each spawn what the recorder tells, are strace's; what it does not know is absent, and the report says so; nothing is lost; and
the program exits as it does under strace. And budgets: of root's recording (*joined*) of the same program `spawnscope budget --init` wrote a file.
Less the limits that the recorder does not tell, that file has to be kept, and with each number one less to be exceeded, limit by limit as it
is by root's recording, with its exit status. Of the file as it was written every limit has root's verdict, or cannot be told. A program that
differs is run again, twice at most, since one may race with itself; how often is in the table.
"""
DOES_OTHERWISE = """
*Does otherwise*: a place does not let the program do what it does for root, so that root's budget is another program's. What was
recorded is equal to strace's all the same.
"""
REFUSED = """
## What programs are refused

The program itself, under strace as without; its exit status is another than root's.
"""


def text(runs, sites, left_out, options):
    sections = ["\n".join(left_out), "## Places", "\n".join(f"- {site.name}: {site.title}." for site in sites)]
    sections += [paranoid(), summary(sites), *refusals(sites), *absences(sites), "## Every program", str(runs.table)]
    if any(rung.otherwise for site in sites for rung in site.rungs.values()):
        sections.append(DOES_OTHERWISE)
    if runs.refused.rows:
        sections += [REFUSED, str(runs.refused)]
    beside = [first_line(["strace", "-V"]), first_line(["podman", "--version"]), first_line(["bwrap", "--version"])]
    return compose("What is recorded without rights", INTRODUCTION, options, *sections, beside=[line for line in beside if line])


def paranoid():
    values = []
    for name in ("kernel/perf_event_paranoid", "kernel/yama/ptrace_scope"):
        path = pathlib.Path("/proc/sys") / name
        key = name.replace("/", ".")
        values.append(f"{key} is {path.read_text().strip()}" if path.exists() else f"there is no {key}")
    return f"On this machine {' and '.join(values)}."


def summary(sites):
    head = ["place", "recorder", "programs", "equal", "by a known limit not", "do otherwise", "budgets with root's verdict",
            "limits that cannot be told", "runs again"]  # fmt: skip
    rows = [
        [site.name, rung.recorder, rung.programs, rung.equal, rung.limited, rung.otherwise, f"{rung.files_as_root} of {rung.files}",
         f"{rung.limits_untold} of {rung.limits}", rung.repeated] for site in sites for rung in site.rungs.values() if not rung.refusal]  # fmt: skip
    return table(head, rows, numbers=range(2, 9))


def refusals(sites):
    lines = [f"- {site.name}, {rung.recorder}: {rung.refusal}" for site in sites for rung in site.rungs.values() if rung.refusal]
    lines += [f"- {site.name}: `record` without a recorder's name: {site.choice}" for site in sites]
    lines += [f"- WRONG, {site.name}: {line}" for site in sites for line in site.wrong]
    return ["What `record` says there, and `doctor` with it:", "\n".join(lines)]


def absences(sites):
    """Sums that no report has, by recorder; all else is told."""
    lines = []
    for site in sites:
        for rung in site.rungs.values():
            if rung.absent:
                told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in rung.absent.most_common())
                lines.append(f"- {site.name}, {rung.recorder}: {told}")
    return ["Sums that are not known, and absent, with the number of programs:", "\n".join(lines)] if lines else []
