"""What whoever has no rights records: every program of `check lifecycle`, by ptrace (traced) and by events that children inherit (inherited), as
a plain user, in a user namespace, in a container and in a sandbox. Each program is run under strace there, too: the facts must be strace's,
and what a recorder does not know be absent and said to be. Budgets that a recording by root wrote must give the same verdicts. A place that
refuses a recorder must be told so by doctor and by record.
"""

import os
import pathlib
import shutil
import subprocess

from bench import installing
from bench.checks.lifecycle.command import check_workloads
from bench.checks.unprivileged import page
from bench.checks.unprivileged.places import NEEDS, NOBODY, Places, missing_program
from bench.checks.unprivileged.program_runs import ProgramRuns
from bench.checks.unprivileged.site import Site
from bench.failure import UNAVAILABLE, USAGE, Failure
from bench.page import write_page
from bench.processes import say
from bench.workbench import workbench

RECORDERS = ("traced", "inherited")
# Debian's own: everyone may execute it, and a container has it with /usr.
PYTHON = "/usr/bin/python3"


def add_options(parser):
    parser.number("--count", 2, "how often a case is run in each recording")
    parser.text("--only", "only the programs whose name contains TEXT", default="")
    parser.names("--in", tuple(NEEDS), "the places")
    parser.names("--recorders", RECORDERS, "record's recorders")
    parser.output("Results/unprivileged.md")


def run(options):
    with workbench("record", "report", "budget", "doctor") as bench:
        installing.call("install_places")
        places = prepare(bench)
        sites, left_out = open_sites(bench, places, options)
        if not sites:
            raise Failure("none of these places is here: " + "; ".join(left_out), UNAVAILABLE)
        runs = ProgramRuns(bench, places, sites, options)
        check_workloads(bench, runs, options.count)
        if not runs.rows:
            raise Failure(f"no program's name contains {options.only}", USAGE)
        write_page(options.output, page.text(runs, sites, left_out + runs.left_out, options))
    wrong = sum(rung.wrong for site in sites for rung in site.rungs.values())
    if wrong:
        raise Failure(f"{wrong} recordings are not as they must be")


def prepare(bench):
    """Copies what is run to where everybody may read and execute it."""
    os.chmod(bench.scratch, 0o711)
    places = Places(bench.scratch, bench.scratch / "tools", bench.scratch / "results")
    places.results.mkdir()
    os.chown(places.results, NOBODY, NOBODY)
    places.tools.mkdir(0o755)
    shutil.copytree(bench.workloads, places.tools / "workloads")
    shutil.copy(bench.spawnscope, places.tools / "spawnscope")
    shutil.copy(pathlib.Path(__file__).with_name("in_place.sh"), places.tools)
    subprocess.run(["chmod", "-R", "a+rX,u+w", places.tools], check=True)
    bench.workloads, bench.spawnscope = str(places.tools / "workloads"), str(places.tools / "spawnscope")
    if os.access(PYTHON, os.X_OK):
        bench.python = os.path.realpath(PYTHON)
    return places


def open_sites(bench, places, options):
    sites, left_out = [], []
    for name in getattr(options, "in"):
        missing = missing_program(name)
        site = None if missing else Site.open(bench, places, name, options.recorders)
        reason = f"there is no {missing}" if missing else None if site.rungs else f"nothing starts there: {site.said}"
        if reason:
            say(f"left out: {name}, since {reason}")
            left_out.append(f"Left out: {name}, since {reason}.")
        else:
            sites.append(site)
    return sites, left_out
