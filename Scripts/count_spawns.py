#!/usr/bin/env python3
"""Counts the spawns in a log of strace: count_spawns.py LOG

The log comes from

    strace -f -qq --signal=none -e trace=fork,vfork,clone,clone3 -o LOG -- COMMAND

A call that made a process counts one; one that made a thread (CLONE_THREAD) or failed counts nothing. The command
itself is started by strace before it traces, so it does not count, as it is no spawn of its own session either.
Prints the number. Exits with 1 when a line cannot be decided: a wrong count is worse than none.
"""

import re
import sys

CALL = re.compile(r"^(?P<thread>\d+)\s+(?P<name>fork|vfork|clone|clone3)\((?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<thread>\d+)\s+<\.\.\. (?P<name>fork|vfork|clone|clone3) resumed>(?P<rest>.*)$")
UNFINISHED = "<unfinished ...>"
RESULT = re.compile(r"\)\s+=\s+(?P<result>-?\d+|\?)")


class Undecided(Exception):
    """A line of the log that does not say whether a process was made."""


def calls(lines):
    """The creating calls of the log as (name, arguments and result), each joined from its two halves if it has two."""
    pending = {}
    for number, line in enumerate(lines, start=1):
        line = line.rstrip("\n")
        call = CALL.match(line)
        resumed = None if call else RESUMED.match(line)
        if call:
            text = call["rest"]
            if text.endswith(UNFINISHED):
                pending[call["thread"]] = (call["name"], text[: -len(UNFINISHED)])
            else:
                yield number, call["name"], text
        elif resumed:
            begun = pending.pop(resumed["thread"], None)
            if begun is None or begun[0] != resumed["name"]:
                raise Undecided(f"line {number}: a call ends that never began: {line}")
            yield number, resumed["name"], begun[1] + resumed["rest"]
    for thread, (name, text) in pending.items():
        raise Undecided(f"{name} of thread {thread} never returned: {text}")


def count(lines):
    spawns = 0
    for number, name, text in calls(lines):
        results = RESULT.findall(text)
        if not results:
            raise Undecided(f"line {number}: no result: {name}({text}")
        if results[-1] == "?" and "ERESTART" in text:
            continue  # a signal came first: the kernel makes the call again, which is a line of its own
        if results[-1] == "?":
            raise Undecided(f"line {number}: the result is unknown: {name}({text}")
        if int(results[-1]) <= 0 or "CLONE_THREAD" in text:
            continue
        spawns += 1
    return spawns


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
            print(count(log))
    except (OSError, Undecided) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
