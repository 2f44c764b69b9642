"""Results/benchmark.md out of what is in benchmark.json."""

from bench.benchmarks.recorders import limits_text
from bench.benchmarks.recorders.sections import PAGES, title
from bench.page import table


def goals_table(document):
    words = {True: "yes", False: "no", None: "–"}
    earlier = {goal["goal"]: goal for goal in document.get("order", {}).get("goals", [])}

    def result(goal):
        return (
            [goal["figure"], words[goal["met"]] + (f", {goal['note']}" if goal["met"] is False and goal["note"] else "")]
            if goal
            else ["–", "–"]
        )

    head = ["goal", "to reach", "figure", "met?"] + (["in the run before", "met?"] if earlier else [])
    return table(
        head,
        [
            [goal["goal"], goal["target"], *result(goal), *(result(earlier.get(goal["goal"])) if earlier else [])]
            for goal in document["goals"]
        ],
    )


def order_page(document):
    order = document["order"]
    verdict = "the same in every one" if not order["changed"] else f"another in {len(order['changed'])}"
    by_quartiles = order["changed_by_quartiles"]
    return "\n".join(
        [
            "## Order beside another run",
            "",
            "A tool is ahead of another in a row where the quartiles of their rounds do not overlap, and are further apart than the row's noise: the distance of "
            "the quartiles of bare beside bare in it (the larger of both runs'), 0.15 at least of wall time, a tenth where there is no bare; as a share of the smaller figure.",
            "",
            f"Beside the run of {order['date']}, {order['revision']}: {order['rows']} rows and columns, {order['pairs']:,} pairs of tools of which one is ahead in "
            f"both runs; the order is {verdict}.",
            *(f"- {line}" for line in order["changed"]),
            "",
            f"By the quartiles alone, without the noise: {order['pairs_by_quartiles']:,} pairs, {len(by_quartiles)} of them in another order.",
            *(f"- {line}" for line in by_quartiles),
        ]
    )


def measured_again(document):
    """Which sections are of another run (--into), and of which."""
    return "".join(
        f" But the section *{name}* was measured again: `{section['run']['command']}`, {section['run']['date']}, {section['run']['revision']}."
        for name, section in document["sections"].items()
        if "run" in section
    )


def page(document):
    remarks = [
        f"- {name}: {title(document, key)}: {line}"
        for name, section in document["sections"].items()
        for key, lines in section["remarks"].items()
        for line in lines
    ]
    versions = ", ".join(document["versions"].values())
    parts = [
        "# Beside other tools",
        "",
        goals_table(document),
        "",
        "Ratios are to bare runs beside each run; median (quartiles) of the rounds. Everything was measured in one run, tools in turns, in another "
        f"order in each round.{measured_again(document)}",
        "",
        f"    {document['command']}",
        "",
        f"{document['date']}, {document['revision']}, {document['machine']}; {versions}; {document['rounds']} rounds.",
        "",
    ]
    for name, section in document["sections"].items():
        parts += [PAGES[name](document, section), ""]
    limits = limits_text.text(document)
    if limits:
        parts += ["## Where a goal is missed", "", limits, ""]
    if "order" in document:
        parts += [order_page(document), ""]
    if remarks:
        parts += ["## What went wrong with a tool", "", *remarks, ""]
    return "\n".join(parts)
