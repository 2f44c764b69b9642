"""What every row is made of: its claim, its rule, a function that measures; and how rows read reports."""

import os

from bench.article.context import Failed


class Row:
    def __init__(self, name, claim, rule, explanation, measure):
        self.name = name
        self.claim = claim
        self.rule = rule
        self.explanation = explanation
        self.measure = measure


ROWS = []


def row(name, claim, rule, explanation):
    def register(measure):
        ROWS.append(Row(name, claim, rule, explanation, measure))
        return measure

    return register


def milliseconds(nanoseconds):
    return nanoseconds / 1e6


def spawns_of(report, expected):
    """The number of spawns is a fact that must hold exactly."""
    made = report["totals"]["spawns"]
    if made != expected:
        raise Failed(f"{made} spawns were seen where {expected} were made")
    return made


def phase_sum(report, *names):
    return sum(report["phases"].get(name, {}).get("sum_ns", 0) for name in names)


def site(report, function):
    """The call sites through a function, one at least."""
    found = [site for site in report["callsites"] if function in site["stack"]]
    if not found:
        raise Failed(f"no call site through {function}")
    return found


def spawns_at(report, function):
    """The spawns of these call sites."""
    ids = {entry["id"] for entry in site(report, function)}
    return [spawn for spawn in report["spawns"] if spawn.get("callsite") in ids]


def event(report, name):
    for event in report.get("events", []):
        if event["name"] == name:
            return event
    raise Failed(f"{name} was not counted")


def probed(program, function):
    """The name of the event of a probe on this function of this program."""
    return f"probe_{os.path.basename(program)}:{function}"


def folded(context, report, name):
    """The folded stacks of an event, a line each; none of an event that never came."""
    return context.text("fold", "-q", "--event", name, report["path"]).splitlines()


def passing(lines, *frames):
    """The folded lines that lead through one of these frames at least."""
    return [line for line in lines if not set(frames).isdisjoint(line.rsplit(" ", 1)[0].split(";"))]


def section(context, session, title):
    """The part of the text report below a title."""
    lines = context.text("report", session).splitlines()
    start = next((index for index, line in enumerate(lines) if line.startswith(title)), None)
    if start is None:
        raise Failed(f"the report has no {title}")
    end = next((index for index in range(start, len(lines)) if not lines[index]), len(lines))
    return lines[start:end]


def ordered(line, names):
    """Whether a folded line leads through these frames, in this order."""
    frames = line.rsplit(" ", 1)[0].split(";")
    place = -1
    for name in names:
        place = next((index for index in range(place + 1, len(frames)) if frames[index] == name), None)
        if place is None:
            return False
    return True


def report_lines(context, session, *starts):
    """The lines of the text report that begin so, colours and all else left out."""
    lines = context.text("report", session).splitlines()
    return [line for line in lines if any(line.lstrip().startswith(start) for start in starts)]
