"""Records the article's systems with Spawnscope, and says of each claim whether the data confirm it.

A row is a function of seed_rows.py that records its workload, and gives what was claimed, the figures, the rule by which they decide,
and the excerpts of Spawnscope's own output that they rest on. The verdict is made here, from the rule's answer in each round: where
the rounds do not agree, nothing is decided.
"""

import argparse
import json
import os
import platform
import shlex
import sys
import traceback

import seed_rows
from seed_context import Context, Failed


def decide(answers):
    """The verdict of the rounds' answers: what all of them say, or that they disagree."""
    distinct = set(answers)
    if len(distinct) == 1:
        return distinct.pop(), None
    counts = ", ".join(f"{answers.count(answer)} × {answer}" for answer in sorted(distinct))
    return "undecided", f"the rounds disagree: {counts}"


def measure(row, options, scratch):
    directory = os.path.join(scratch, row.name)
    os.makedirs(directory, exist_ok=True)
    context = Context(options, directory)
    result = {"row": row.name, "claim": row.claim, "rule": row.rule}
    try:
        outcome = row.measure(context)
        # A planted expectation, to see that a wrong one is caught.
        expected = options.expect.get(row.name)
        result["verdict"], reason = decide(outcome["answers"])
        reason = reason or outcome.get("reason")
        if reason:
            result["reason"] = reason
        result["figure"] = outcome["figure"]
        result["explanation"] = " ".join(filter(None, (row.explanation, outcome.get("details"))))
        result["evidence"] = context.evidence
        result["pictures"] = context.pictures
        if expected and expected != result["verdict"]:
            result["failure"] = f"expected {expected}, the data say {result['verdict']}"
    except (Failed, KeyError, IndexError, ValueError, OSError) as error:
        if not isinstance(error, Failed):
            traceback.print_exc()
        result["verdict"] = "failed"
        result["failure"] = f"{type(error).__name__}: {error}" if not isinstance(error, Failed) else str(error)
        result["figure"] = "–"
    return result


def page(results, options):
    lines = [
        "# The article's systems, measured", "",
        f"Made by `{options.command_line}` on {machine()}.",
        "Each verdict is computed by the rule of its row from Spawnscope's own output, in every one of"
        f" {'1 round (quick)' if options.quick else '5 interleaved rounds'}; where the rounds disagree it is `undecided`."
        " Counts and ratios hold on other machines, times on this one only.", "",
        "| row | claim | verdict | figure |", "|---|---|---|---|",
    ]
    for result in results:
        lines.append(f"| {result['row']} | {result['claim']} | **{result['verdict']}** | {result['figure']} |")
    for result in results:
        lines += ["", f"## Row {result['row']}: {result['claim']}", "", f"Rule: {result['rule']}", ""]
        if "failure" in result:
            lines += [f"Failed: {result['failure']}", ""]
        if "reason" in result:
            lines += [f"Undecided: {result['reason']}.", ""]
        lines.append(f"**{result['verdict']}**: {result['figure']}. {result.get('explanation', '')}".rstrip())
        for picture in result.get("pictures", []):
            lines += ["", f"![{picture['text']}]({picture['name']})"]
        for evidence in result.get("evidence", []):
            lines += ["", f"    $ {evidence['command']}"] + [f"    {line}" for line in evidence["lines"]]
    return "\n".join(lines) + "\n"


def machine():
    return f"{os.cpu_count()} CPUs, {platform.machine()}, Linux {platform.release()}"


def unknown(names):
    """The first of these that is no row."""
    known = [row.name for row in seed_rows.ROWS]
    for name in names:
        if name not in known:
            print(f"seed-systems.sh: there is no row {shlex.quote(name)}; rows are {' '.join(known)}", file=sys.stderr)
            return True
    return False


def main():
    # Before anything is installed or built for them.
    if sys.argv[1:2] == ["--check"]:
        return 64 if unknown(sys.argv[2:]) else 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--spawnscope", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--sources", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--page")
    parser.add_argument("--json")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--expect", action="append", default=[], metavar="ROW=VERDICT")
    parser.add_argument("--command-line", default="Scripts/seed-systems.sh")
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    known = {row.name: row for row in seed_rows.ROWS}
    options.expect = dict(text.partition("=")[::2] for text in options.expect)
    if unknown([*options.rows, *options.expect]):
        return 64
    results = []
    for name in options.rows or known:
        result = measure(known[name], options, options.scratch)
        results.append(result)
        print(f"{result['row']:>3}  {result['verdict']:<10} {result['figure']}", flush=True)
        if "failure" in result:
            print(f"     {result['failure']}", file=sys.stderr, flush=True)
    if options.page:
        with open(options.page, "w", encoding="utf-8") as file:
            file.write(page(results, options))
        for picture in (picture for result in results for picture in result.get("pictures", [])):
            with open(os.path.join(os.path.dirname(options.page), picture["name"]), "w", encoding="utf-8") as file:
                file.write(picture.pop("svg"))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"schema": "spawnscope.seed-systems/1", "machine": machine(), "rows": results}, file, indent=1)
            file.write("\n")
    return 1 if any("failure" in result for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
