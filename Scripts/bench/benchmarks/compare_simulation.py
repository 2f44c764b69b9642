"""What compare says of simulated runs: false alarms where nothing changed, and the changes that it finds, for several kinds of noise and orders
of recording. Needs no rights and records nothing. Exits with 1 where a figure that the documentation states does not hold.
"""

import re
import subprocess

from bench import installing
from bench.failure import Failure
from bench.machine import revision_line, today
from bench.page import write_page
from bench.processes import say

# Of fewer comparisons a rate says little.
ENOUGH = 1000
MOST_FALSE_ALARMS, LEAST_FOUND = 1, 95


def add_options(parser):
    parser.number("--count", 2000, "comparisons of each row, which takes some 15 minutes by default")
    parser.output("Results/compare-simulation.md", "the tables")


def run(options):
    installing.call("install_dependencies", "runtime")
    program = installing.release_program("CompareSimulation")
    tables = ""
    with subprocess.Popen([program, str(options.count)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as simulation:
        for line in simulation.stdout:
            say(line.rstrip("\n"))
            tables += line
    if simulation.returncode:
        raise Failure("the simulation failed", simulation.returncode)
    worst, found = false_alarms(tables), power(tables)
    write_page(options.output, page(options, tables, worst, found))
    if options.count >= ENOUGH and (worst > MOST_FALSE_ALARMS or found < LEAST_FOUND):
        raise Failure(f"false alarms {worst:g}% (at most {MOST_FALSE_ALARMS}%), found {found:g}% (at least {LEAST_FOUND}%)")


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def false_alarms(tables):
    """The highest rate, in percent, of the tables before those of slowdowns."""
    same = re.split(r"^## Slower", tables, flags=re.MULTILINE)[0]
    return max((number(cells(line)[3]) for line in same.splitlines() if "%" in line and line.startswith("|")), default=0)


def power(tables):
    """For 10% at 10 runs and 3% noise in turns, the overhead alone slower."""
    pattern = r"^\| 10% \| overhead alone \| normal \| in turns \| 10 .*$"
    row = re.search(pattern, tables, re.MULTILINE)
    return number(cells(row[0])[5]) if row else 0


def number(text):
    """Of `0.3% (…)` the 0.3; 0 of what has none."""
    match = re.match(r"[\d.]+", text)
    return float(match[0]) if match else 0


def page(options, tables, worst, found):
    return f"""# What compare says of simulated runs

Each row is {options.count} comparisons with the default gates: the counts do not change, the noise of the overhead and of the duration is
independent. *Normal*: 3% of standard deviation; *lognormal*: 10% in the logarithm; *bimodal*: one run in five 15% slower, and 3%;
*drifting*: 30% slower from the first run to the last, a random walk of 1% a run, and 3%; *wandering*: the same without the line.
*In turns* is what `compare --runs` records; *head after base*: first all of the base's runs, then all of the head's; *in unknown order*:
mixed, and the sessions do not say when they began. *Interval holds the truth*: of the 95% intervals that were given at all.

The highest rate of false alarms is {worst:g}%; a slowdown of the overhead alone by 10% is found in {found:g}% of the comparisons, at 10 runs a side
in turns and 3% noise. A side recorded after the other finds less: a step is hard to tell from a drift.

    {options.command_line}

{today()}, {revision_line()}

{tables}"""
