"""What the data say of a row's claim: the rule's answer in each round makes the verdict. Where the rounds do not agree, nothing is decided."""

import os
import platform
import traceback

from bench.article.context import Failed


def decide(answers):
    """The verdict of the rounds' answers: what all of them say, or that they disagree."""
    distinct = set(answers)
    if len(distinct) == 1:
        return distinct.pop(), None
    counts = ", ".join(f"{answers.count(answer)} × {answer}" for answer in sorted(distinct))
    return "undecided", f"the rounds disagree: {counts}"


def measure(row, context, expected):
    result = {"row": row.name, "claim": row.claim, "rule": row.rule}
    try:
        outcome = row.measure(context)
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


def machine():
    return f"{os.cpu_count()} CPUs, {platform.machine()}, Linux {platform.release()}"
