"""Compares a report with a strace that was recorded itself, process by process.

    spawnscope record -o SESSION -- strace -f -v -ttt -T -s 65536 --decode-pids=pidns --quiet=none -o RUN/strace.log -e trace=… -- COMMAND
    spawnscope report --format json --spawns SESSION >RUN/report.json

RUN/clock has the seconds that CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, before and after: the former may be slewed. Both saw the same
processes, so each spawn is looked up by its pid (and among several that had it by their order) and each field compared. The spawns are
those below strace: it is the recording's root, and what it starts beside COMMAND to try out the kernel is in no log. COMMAND itself is
strace's child: who made and reaped it is not in the log either.
"""

import json
from collections import Counter, defaultdict

from bench.strace import calls, lifecycle
from bench.strace.log import Undecided
from bench.strace.two_runs import TIMER_SIGNALS, failures, kept_path
from bench.strace.verdict import DIFFERENT, EQUAL, LIMIT, TOTALS, UNDECIDED, Verdict, undecided

UNKNOWN = "not known"
# What system calls alone tell, which no tracepoint shows where they are made by the 32-bit interface: by the fact's name in the report.
CALL_FIELDS = {"outcome": "forked", "failed_attempts": "failed_attempts", "status": "status", "unreaped": "unreaped", "reaped": "unreaped"}
# What a process's parent does, and not the process.
PARENTS_FIELDS = {"unreaped", "reaped"}
# Of COMMAND these are strace's doing.
STRACES_FIELDS = {"ppid", "method", "unreaped", "orphaned", "reaped", "made"}
# A spawn keeps so many programs.
MOST_PROGRAMS = 16
# strace rounds its stamps down to a microsecond, and a duration, too; the clocks were read one after the other.
SLACK = 0.00005


class Comparison:
    def __init__(self, report, expected, clocks):
        self.report = report
        self.expected = expected
        self.clock = sum(clocks) / len(clocks)
        self.slack = SLACK + max(clocks) - min(clocks)
        self.counts = Counter()
        self.undecided = Counter()
        self.texts = []
        self.unknown_facts = {entry["fact"] for entry in report["session"].get("unknown", ())}

    def note(self, verdict, name, text):
        self.counts[verdict] += 1
        if verdict == DIFFERENT:
            self.texts.append(text)
        elif verdict == UNDECIDED:
            self.undecided[name] += 1

    def run(self):
        ours = self.below_strace()
        theirs = by_pid(self.expected["spawns"], lambda spawn: spawn["made"][0] or 0)
        for key in sorted(set(ours) | set(theirs)):
            if key not in ours:
                self.note(DIFFERENT, "spawn", f"only in strace: {described(theirs[key])}")
            elif key not in theirs:
                self.note(DIFFERENT, "spawn", f"only in the report: {described(ours[key])}")
            else:
                self.compare(ours[key], theirs[key])
        self.compare_failures()
        self.compare_totals(ours.values())
        return self

    def below_strace(self):
        """The report's spawns that COMMAND leads to, by pid and order."""
        spawns = by_pid(self.report["spawns"], lambda spawn: spawn["start_ns"])
        command = self.expected["spawns"][0]["pid"]
        below = {}
        members = set()
        for key, spawn in sorted(spawns.items(), key=lambda entry: entry[1]["start_ns"]):
            if spawn["pid"] == command or spawn["ppid"] in members:
                members.add(spawn["pid"])
                below[key] = spawn
        return below

    def compare(self, ours, theirs):
        is_command = theirs["ppid"] is None
        whose = f"{theirs['pid']} ({theirs['path'] or theirs['outcome']})"
        for name, mine, right in self.fields(ours, theirs):
            if is_command and name in STRACES_FIELDS:
                continue
            if right is UNDECIDED:
                verdict = UNDECIDED
            elif mine == right:
                verdict = EQUAL
            elif self.may_be_unknown(name, mine, theirs):
                verdict = UNKNOWN
            elif name == "signal" and mine is None and right in TIMER_SIGNALS:
                verdict = LIMIT  # of a timer that expires on an idle CPU the kernel tells nothing
            elif theirs["close"] and name in ("unreaped", "orphaned", "reaped"):
                verdict = UNDECIDED
            else:
                verdict = DIFFERENT
            self.note(verdict, name, f"{whose}: {name}: the report has {mine!r}, strace {right!r}")

    def may_be_unknown(self, name, mine, theirs):
        """Nothing is said, since calls of the 32-bit interface would have told it."""
        fact = CALL_FIELDS.get(name)
        is_made_so = theirs["compat"] or any(theirs["parent_compat"])
        said = mine not in (None, False)
        return fact in self.unknown_facts and is_made_so and not said

    def fields(self, ours, theirs):
        flags = {name: bool(ours.get(name)) for name in ("unreaped", "orphaned", "unfinished")}
        yield "ppid", ours["ppid"], theirs["ppid"]
        for name in ("method", "outcome", "execs", "failed_attempts", "status", "signal"):
            yield name, ours.get(name), theirs[name]
        yield "path", kept_path(ours.get("path")), kept_path(theirs["path"])
        programs = [kept_path(path) for path in theirs["programs"][:MOST_PROGRAMS]]
        yield "programs", [program["path"] for program in ours.get("programs", ())], programs
        for name, flag in flags.items():
            yield name, flag, theirs[name]
        yield "reaped", None if any(flags.values()) else "reap" in ours["phases"], theirs["reaped"]
        if theirs["execs"]:
            yield "argv_bytes", ours.get("argv_bytes"), argument_bytes(theirs)
            environment = theirs["environment_bytes"]
            yield "environment_bytes", ours.get("environment_bytes"), UNDECIDED if environment is None else environment
        if theirs["signal"]:
            yield "signal_from_pid", *self.senders(ours, theirs)
        yield from self.borders(ours, theirs)

    @staticmethod
    def senders(ours, theirs):
        names = [name for name in theirs["senders"] if calls.signal_number(name) == theirs["signal"]]
        return ours.get("signal_from_pid"), theirs["senders"][names[0]] if names else UNDECIDED

    def borders(self, ours, theirs):
        """Each border of phases lies between strace's stamps before and after the call that makes it."""
        phases = ours["phases"]
        place = ours["start_ns"]
        yield from self.border("made", place, theirs["made"])
        for name in ("create", "wake", "prepare", "search"):
            place += phases.get(name, 0)
        if "exec" in phases and "search" in phases:
            yield from self.border("executed", place, theirs["executed"])
        if ours.get("total_ns") is not None and not ours.get("unfinished"):
            yield from self.border("ended", ours["start_ns"] + ours["total_ns"] - phases.get("reap", 0), theirs["ended"])

    def border(self, name, place, window):
        low, high = window
        if high is None:
            yield name, None, UNDECIDED
            return
        time = place / 1e9 + self.clock
        is_inside = (low is None or low - self.slack <= time) and time <= high + self.slack
        yield name, "in its window" if is_inside else f"{time:.6f}", "in its window" if is_inside else f"{low} to {high}"

    def compare_failures(self):
        ours, theirs = (failures(side) for side in (self.report, self.expected))
        # Attempts that a dying process never returned from have no error to compare.
        for key in sorted(set(ours) | set(theirs), key=str):
            if ours[key] == theirs[key]:
                self.note(EQUAL, "failures", "")
            elif self.is_without_path(key, ours, theirs) or "failed_attempts" in self.unknown_facts and ours[key] < theirs[key]:
                self.note(UNKNOWN, "failures", "")
            else:
                self.note(DIFFERENT, "failures", f"failed attempts {key}: the report has {ours[key]}, strace {theirs[key]}")

    @staticmethod
    def is_without_path(key, ours, theirs):
        """Of a call that a filter (seccomp) denies nobody sees the path, but that it failed."""
        error = key[1]
        untold = ours[(None, error)]
        missing = sum(max(0, count - ours[other]) for other, count in theirs.items() if other[1] == error and other[0] is not None)
        return untold > 0 and untold - theirs[(None, error)] == missing and ours[key] >= 0

    def compare_totals(self, below):
        """The report's sums are those of its spawns, and with strace's own left out they are strace's."""
        totals = self.report["totals"]
        members = {id(spawn) for spawn in below}
        others = [spawn for spawn in self.report["spawns"] if id(spawn) not in members]
        own = {
            "spawns": len(others),
            "execs": sum(spawn["execs"] for spawn in others),
            "forked": sum(spawn.get("outcome") == "forked" for spawn in others),
            "failed": sum(spawn.get("outcome") == "failed" for spawn in others),
            "failed_attempts": sum(spawn.get("failed_attempts", 0) for spawn in others),
            "failed_creations": 0,
            **{name: sum(bool(spawn.get(name)) for spawn in others) for name in ("unreaped", "orphaned", "unfinished")},
        }
        for name in TOTALS:
            right = self.expected["totals"][name]
            if name not in totals and name in self.unknown_facts:
                seen = totals.get("at_least", {}).get(name, 0) - own[name]
                verdict = UNKNOWN if seen <= right else DIFFERENT
                self.note(verdict, name, f"{name}: the report has at least {seen}, strace {right}")
            else:
                mine = totals.get(name)
                verdict = EQUAL if mine is not None and mine - own[name] == right else DIFFERENT
                if verdict == DIFFERENT and name in ("unreaped", "orphaned") and any(spawn["close"] for spawn in self.expected["spawns"]):
                    verdict = UNDECIDED
                self.note(verdict, name, f"{name}: the report has {mine}, {own[name]} of them strace's, strace {right}")
        lost = self.report["session"].get("lost")
        self.note(EQUAL if lost == 0 else DIFFERENT, "lost", f"lost: {lost}")


def argument_bytes(spawn):
    """The kernel puts a script's interpreter and what that is given in front of its arguments, and the script in place of argv[0]."""
    size = spawn["argv_bytes"]
    if size is None or spawn["argv0"] is None:
        return UNDECIDED
    try:
        with open(spawn["path"], "rb") as file:
            line = file.read(256).split(b"\n")[0]
    except OSError:
        return UNDECIDED  # relative to where the process was, or gone since
    if not line.startswith(b"#!"):
        return size
    words = line[2:].strip(b" \t").split(maxsplit=1)
    added = sum(len(word.strip(b" \t")) + 1 for word in words)
    return size + added + len(spawn["path"].encode()) - len(spawn["argv0"])


def by_pid(spawns, start):
    """By pid, and the number of the one that had it in the order of time."""
    named = defaultdict(list)
    for spawn in spawns:
        named[spawn["pid"]].append(spawn)
    return {(pid, number): spawn for pid, owners in named.items() for number, spawn in enumerate(sorted(owners, key=start))}


def described(spawn):
    names = ("pid", "ppid", "method", "outcome", "path", "status", "signal")
    return ", ".join(f"{name} {spawn[name]}" for name in names if spawn.get(name) is not None)


def compare_run(directory):
    report, log, clock = (directory / name for name in ("report.json", "strace.log", "clock"))
    expected = lifecycle.read(log, whole=True)
    return Comparison(json.loads(report.read_text(encoding="utf-8")), expected, [float(line) for line in clock.read_text().split()]).run()


def compare(directories):
    """The runs of one workload, added up. The row's cells are spawns, and fields that are equal, that are not known to Spawnscope and that
    strace cannot decide."""
    runs, texts = [], []
    for number, directory in enumerate(directories, start=1):
        try:
            runs.append(compare_run(directory))
        except (OSError, ValueError, KeyError, TypeError, Undecided) as error:
            return undecided(4, f"run {number}", error)
        texts += [f"run {number}: {text}" for text in runs[-1].texts]
    counts = sum((run.counts for run in runs), Counter())
    open_questions = sum((run.undecided for run in runs), Counter())
    spawns = sum(len(run.expected["spawns"]) for run in runs)
    told = ", ".join(f"{count} {name}" for name, count in sorted(open_questions.items())) or "0"
    verdict = DIFFERENT if counts[DIFFERENT] else LIMIT if counts[LIMIT] else EQUAL
    return Verdict([spawns, counts[EQUAL], counts[UNKNOWN], told], verdict, texts)
