"""Records the article's systems, and says of each claim whether the data confirm it.

A row is a function of bench/article/rows that records its workload, and gives what was claimed, the figures, the rule by which they decide,
and the excerpts of Spawnscope's own output that they rest on. Without rows all are measured, and written to Results/article.md and .json.
Exits with 1 where a row could not be measured, or is not what was expected of it.
"""

import argparse
import json

from bench.article import programs, rows
from bench.article.context import Context
from bench.article.page import page
from bench.article.verdict import machine, measure
from bench.machine import ROOT
from bench.processes import say
from bench.workbench import Workbench, need_root, need_spawnscope, scratch_directory

CALLED = "Scripts/article.sh"
KNOWN = {row.name: row for row in rows.ROWS}
VERDICTS = ("confirmed", "refuted", "partly", "undecided")


def add_options(parser):
    parser.flag("--quick", "small counts and one round: what must hold exactly is checked, nothing is written")
    parser.add_argument(
        "--expect",
        metavar="ROW=VERDICT",
        action="append",
        default=[],
        type=expectation,
        help=f"fail where the data say otherwise of that row: {', '.join(VERDICTS)}",
    )
    parser.some_of("rows", list(KNOWN), "only these, and nothing is written")


def expectation(text):
    name, _, verdict = text.partition("=")
    if name not in KNOWN:
        raise argparse.ArgumentTypeError(f"there is no row {name}")
    if verdict not in VERDICTS:
        raise argparse.ArgumentTypeError(f"needs ROW=VERDICT: {text}")
    return name, verdict


def run(options):
    need_root()
    wanted = options.rows or list(KNOWN)
    programs.install(wanted)
    spawnscope = need_spawnscope(("record", "report", "fold", "compare"))
    with scratch_directory() as scratch:
        built = programs.build(scratch / "programs", wanted)
        bench = Workbench(scratch, spawnscope)
        results = [measure_row(KNOWN[name], bench, built, options) for name in wanted]
    if not options.quick and not options.rows:
        write(results, options)
    return 1 if any("failure" in result for result in results) else 0


def measure_row(row, bench, built, options):
    directory = bench.scratch / row.name
    directory.mkdir()
    context = Context(bench, str(built), str(programs.SOURCES), str(directory), options.quick)
    result = measure(row, context, dict(options.expect).get(row.name))
    print(f"{result['row']:>3}  {result['verdict']:<10} {result['figure']}", flush=True)
    if "failure" in result:
        say(f"     {result['failure']}")
    return result


def write(results, options):
    directory = ROOT / "Results"
    (directory / "article.md").write_text(page(results, options), encoding="utf-8")
    for picture in (picture for result in results for picture in result.get("pictures", [])):
        (directory / picture["name"]).write_text(picture.pop("svg"), encoding="utf-8")
    document = {"schema": "spawnscope.article/1", "machine": machine(), "rows": results}
    (directory / "article.json").write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
