"""Folded stacks of perf script's text: by the stackcollapse-perf.pl that STACKCOLLAPSE names, or made here where none is given.

What a line of that text means is what `spawnscope fold --names perf` promises: the comm with _ for spaces, frames from the outermost
to the innermost without offsets, `[file]` for a frame without a name, and the sum of the periods.
"""

import os
import re
import subprocess
from collections import Counter

from bench.failure import NO_INPUT, Failure

HEAD = re.compile(r"^(?P<comm>\S.*?)\s+\d+(?:/\d+)?\s+(?:\[\d+\]\s+)?[\d.]+:\s+(?:(?P<period>\d+)\s+)?(?P<event>\S+?):(?:\s|$)")
FRAME = re.compile(r"^\s+[0-9a-f]+ (?P<name>.*) \((?P<file>.*)\)$")
OFFSET = re.compile(r"\+0x[0-9a-f]+$")
# Go's methods, Type.(*T).name, keep their parentheses.
PARAMETERS = re.compile(r"(?<!\.)\((?!anonymous namespace\)).*")


def frame_name(name, file):
    name = OFFSET.sub("", name)
    if name == "[unknown]":
        return name if file == "[unknown]" else f"[{file.rsplit('/', 1)[-1]}]"
    return PARAMETERS.sub("", name.replace(";", ":")).replace('"', "").replace("'", "")


def fold(path, event):
    stacks, head, frames = Counter(), None, []

    def close():
        if head and head["event"] == event:
            stacks[";".join([head["comm"].replace(" ", "_"), *reversed(frames)])] += int(head["period"] or 1)

    words = ["perf", "script", "-i", str(path)]
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace"
    ) as process:
        for line in process.stdout:
            line = line.rstrip("\n")
            if not line:
                close()
                head, frames = None, []
            elif line[0].isspace():
                match = FRAME.match(line)
                if match:
                    frames.append(frame_name(match["name"], match["file"]))
            else:
                head, frames = HEAD.match(line), []
        close()
    return stacks


def lines(stacks):
    return sorted(f"{stack} {count}" for stack, count in stacks.items())


def weight(lines):
    """The sum of folded lines' numbers."""
    return sum(int(line.rpartition(" ")[2]) for line in lines)


def total(text):
    return weight(text.splitlines())


def stackcollapse():
    """The path of Brendan Gregg's stackcollapse-perf.pl (the FlameGraph collection, not part of Spawnscope); nothing where none is given."""
    path = os.environ.get("STACKCOLLAPSE", "")
    if path and not os.access(path, os.R_OK):
        raise Failure(f"STACKCOLLAPSE names no readable file: {path}", NO_INPUT)
    return path


def samples_of_event(lines, event):
    """Of perf script's text the samples of one event: stackcollapse-perf.pl's own choice of events lets tracepoints through."""
    kept = False
    for line in lines:
        # Frames start with a tab, the first line of a sample does not; a sample ends with an empty line, which belongs to it.
        if line.strip("\n") and not line.startswith("\t"):
            match = re.search(r" [0-9]+\.[0-9]+: +(?:[0-9]+ +)?", line)
            kept = bool(match) and (line[match.end() :].rstrip("\n") + " ").startswith(f"{event}: ")
        if kept:
            yield line


def collapse(path, event, script):
    """The folded lines of one event by perf script and stackcollapse-perf.pl, sorted; it complains of samples without a callchain, and
    folds none of them."""
    words = ["perf", "script", "-i", str(path)]
    quiet = {"stderr": subprocess.DEVNULL, "text": True, "errors": "surrogateescape"}
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **quiet) as reader:
        chosen = "".join(samples_of_event(reader.stdout, event))
    if reader.returncode:
        raise Failure("perf script failed")
    done = subprocess.run(["perl", script], input=chosen, stdout=subprocess.PIPE, **quiet)
    if done.returncode:
        raise Failure(f"{script} failed")
    return sorted(done.stdout.splitlines())
