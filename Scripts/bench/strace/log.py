"""Reads logs of `strace -f -o LOG`, with or without -t, -tt, -ttt, -T, -v, -y, --decode-pids=pidns and --quiet=none.

Calls are joined from their halves, and threads' ends are told, signals that arrive, and which interface a thread calls by.
"""

import re
from dataclasses import dataclass, field

LINE = re.compile(r"^(?P<thread>\d+)(?:<[^>]*>)?\s+(?:\d+:\d+:\d+(?:\.\d+)?\s+|(?P<stamp>\d+\.\d+)\s+)?(?P<rest>.*)$")
# A thread that dies as it enters a call is in none that strace can name.
CALL = re.compile(r"^(?P<name>[a-z_]\w*|\?\?\?)\((?P<text>.*)$")
RESUMED = re.compile(r"^<\.\.\. (?P<name>\S+) resumed>(?P<text>.*)$")
# The last ") = " of a line: arguments may hold others in their strings, results do not.
RESULT = re.compile(
    r"^(?P<arguments>.*)\)\s+= (?P<value>-?\d+|0x[0-9a-f]+|\?)(?:<[^>]*>)?(?: (?P<error>E\w+))?"
    r"(?: /\* (?P<outer>\d+) in strace's PID NS \*/)?"
)
SPENT = re.compile(r" <(?P<seconds>\d+\.\d+)>$")
OUTER = re.compile(r"(?P<pid>\d+)(?: /\* (?P<outer>\d+) in strace's PID NS \*/)?")
SIGNALLED = re.compile(r"^--- (?P<signal>SIG\w+) \{.*?\bsi_code=(?P<code>\w+)(?:.*?\bsi_pid=(?P<pid>\d+)(?: /\* (?P<outer>\d+) in)?)?")
MODE = re.compile(r"^\[ Process PID=\d+ runs in (?P<mode>.+) mode\. \]$")
EXITED = re.compile(r"^\+\+\+ exited with (?P<status>\d+) \+\+\+$")
KILLED = re.compile(r"^\+\+\+ killed by (?P<signal>\S+)(?: \(core dumped\))? \+\+\+$")
SUPERSEDED = re.compile(r"^\+\+\+ superseded by execve in pid (?P<thread>\d+) \+\+\+$")
# Of the first half of a call; the second form is of an exec by another thread than the leader.
CUT = re.compile(r"\s*<(?:unfinished|pid changed to \d+) \.\.\.>$")


class Undecided(Exception):
    """What the log does not tell: a wrong answer is worse than none."""


@dataclass
class Call:
    """A system call of a thread. `error` is the errno's name; `value` None where the call never returned."""

    thread: int
    name: str
    begin: int
    end: int = 0
    arguments: list = field(default_factory=list)
    value: int | None = None
    error: str | None = None
    # The number of a process that `value` is, where the caller has a pid namespace of its own.
    outer: int | None = None
    # It did not return: a filter (seccomp) answered it with a signal.
    is_denied: bool = False
    # Seconds, with -ttt; `left` with -T as well.
    entered: float | None = None
    left: float | None = None


@dataclass
class Began:
    """The first half of a call: its arguments may be incomplete."""

    call: Call


@dataclass
class Ended:
    """A thread's end: an exit code or a signal's name."""

    thread: int
    line: int
    status: int | None = None
    signal: str | None = None
    stamp: float | None = None


@dataclass
class Signalled:
    """A signal arrives at a thread. `sender` is None where it is the kernel's, or of nobody that strace can name."""

    thread: int
    line: int
    signal: str
    code: str
    sender: int | None


@dataclass
class Mode:
    """The interface that a thread's next calls are made by: "32 bit", "64 bit"."""

    thread: int
    line: int
    mode: str


@dataclass
class Superseded:
    """`thread` executed a program, and goes on as the leader."""

    leader: int
    thread: int
    line: int


def split_arguments(text):
    """The arguments of a call at commas outside of strings, brackets, comments and -y's descriptions of descriptors."""
    parts, depth, start, index = [], 0, 0, 0
    while index < len(text):
        character = text[index]
        if character == '"':
            index += 1
            while index < len(text) and text[index] != '"':
                index += 2 if text[index] == "\\" else 1
        elif character == "<" and index > 0 and (text[index - 1].isdigit() or text[:index].endswith("AT_FDCWD")):
            index = max(index, text.find(">", index))
        elif text.startswith("/*", index):
            index = max(index, text.find("*/", index) + 1)
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
        index += 1
    rest = text[start:].strip()
    return parts + [rest] if rest or parts else []


def first_string(text):
    """argv[0], one character a byte; None where there is none."""
    parts = split_arguments(text[1:-1]) if text.startswith("[") and text.endswith("]") else []
    try:
        return unescaped(parts[0]) if parts else None
    except Undecided:
        return None


SIMPLE_ESCAPES = {"n": 10, "t": 9, "r": 13, "v": 11, "f": 12, "a": 7, "b": 8, "e": 27, "0": 0}
ESCAPE = re.compile(r"\\(?:x(?P<hex>[0-9a-f]{2})|(?P<octal>[0-7]{1,3})|(?P<other>.))")


def unescaped(text):
    """The bytes of a C string as strace quotes it, one a character; None for an address or NULL. One that strace cut short is an error."""
    if not text.startswith('"'):
        return None
    if not text.endswith('"') or len(text) < 2:
        raise Undecided(f"a string is cut short, use a larger -s: {text[:80]}")

    def replace(match):
        if match["hex"]:
            return chr(int(match["hex"], 16))
        if match["octal"]:
            return chr(int(match["octal"], 8) & 0xFF)
        return chr(SIMPLE_ESCAPES.get(match["other"], ord(match["other"])))

    return ESCAPE.sub(replace, text[1:-1])


def decode_string(text):
    """Likewise, as text."""
    data = unescaped(text)
    return data if data is None else data.encode("latin-1").decode("utf-8", "replace")


def array_size(text):
    """Bytes of the strings of argv or of an environment (-v), their NULs included; None where strace does not tell all of them."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        strings = [unescaped(part) for part in split_arguments(text[1:-1])]
    except Undecided:
        return None
    return None if None in strings else sum(len(string) + 1 for string in strings)


def complete(call, text, line, stamp=None):
    """Fills in the arguments and the result. `stamp` is of the line with the result."""
    result = RESULT.match(text)
    if not result:
        raise Undecided(f"line {line}: no result: {call.name}({text[:120]}")
    call.end = line
    call.arguments = split_arguments(CUT.sub("", result["arguments"]))
    call.value = None if result["value"] == "?" else int(result["value"], 0)
    call.error = result["error"]
    call.outer = int(result["outer"]) if result["outer"] else None
    # A line of a whole call has the time of its entry, and how long it took.
    spent = SPENT.search(text)
    if stamp is not None:
        call.left = stamp
    elif spent and call.entered is not None:
        call.left = call.entered + float(spent["seconds"])
    return call


def events(lines):
    """Began, Call, Ended, Superseded, Signalled and Mode, in the order of the log.

    A call that was not cut in two comes as Call alone."""
    pending = {}
    for number, line in enumerate(lines, start=1):
        match = LINE.match(line.rstrip("\n"))
        if not match:
            if line.strip():
                raise Undecided(f"line {number}: not a line of strace -f -o: {line.rstrip()}")
            continue
        thread, rest = int(match["thread"]), match["rest"]
        stamp = float(match["stamp"]) if match["stamp"] else None
        if rest.startswith("--- "):
            if arrived := SIGNALLED.match(rest):
                sender = arrived["outer"] or arrived["pid"]
                yield Signalled(thread, number, arrived["signal"], arrived["code"], int(sender) if sender else None)
            continue
        if mode := MODE.match(rest):
            yield Mode(thread, number, mode["mode"])
            continue
        if rest.startswith("+++ "):
            if superseded := SUPERSEDED.match(rest):
                other = int(superseded["thread"])
                if other in pending:
                    pending[thread] = pending.pop(other)
                    pending[thread][0].thread = thread
                yield Superseded(thread, other, number)
            elif exited := EXITED.match(rest):
                pending.pop(thread, None)
                yield Ended(thread, number, status=int(exited["status"]), stamp=stamp)
            elif killed := KILLED.match(rest):
                pending.pop(thread, None)
                yield Ended(thread, number, signal=killed["signal"], stamp=stamp)
            else:
                raise Undecided(f"line {number}: {rest}")
        elif resumed := RESUMED.match(rest):
            begun = pending.pop(thread, None)
            if begun is None or begun[0].name != resumed["name"]:
                raise Undecided(f"line {number}: a call ends that never began: {rest[:120]}")
            yield complete(begun[0], begun[1] + resumed["text"], number, stamp)
        elif call := CALL.match(rest):
            text = call["text"]
            if cut := CUT.search(text):
                text = text[: cut.start()]
                pending[thread] = (Call(thread, call["name"], number, entered=stamp), text)
                yield Began(Call(thread, call["name"], number, arguments=split_arguments(text), entered=stamp))
            else:
                yield complete(Call(thread, call["name"], number, entered=stamp), text, number)
        else:
            raise Undecided(f"line {number}: neither a call nor an end: {rest[:120]}")
