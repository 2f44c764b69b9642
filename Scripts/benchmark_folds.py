"""The folded stacks of one event as perf script's text has them, made here where no stackcollapse-perf.pl is given.

What a line of that text means is what `spawnscope fold --names perf` promises: the comm with _ for spaces, frames from the outermost
to the innermost without offsets, `[file]` for a frame without a name, and the sum of the periods.
"""

import re
import subprocess
from collections import Counter

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
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          errors="replace") as process:
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
