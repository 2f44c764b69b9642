#!/usr/bin/env python3
"""What a program's spawns were, by a log of strace: strace_lifecycle.py LOG

    strace -f -ttt -s 65536 -o LOG -e trace=fork,vfork,clone,clone3,execve,execveat,wait4,waitid,rt_sigaction -- COMMAND

Prints one JSON object with `totals`, `failures` and `spawns` as `spawnscope report --format json --spawns` has them,
without times, pids and call sites. Independent of Spawnscope: it knows the rules of counting, and nothing else of it.
Exits with 1 when a line cannot be decided: a wrong answer is worse than none.

The rules: the root's first exec counts nowhere; each process is one spawn, executed, forked (no attempt at all) or
failed; the session ends when the root ends. Each spawn also has `parent`, what its spawner was started as, and
`reaped`, whether a wait of its parent took it; null for orphans and what is still there, of which the parent cannot
have a say.
"""

import json
import re
import sys
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

import strace_log
from strace_log import Undecided

CREATING = {"fork", "vfork", "clone", "clone3"}
EXECUTING = {"execve", "execveat"}
SHARING = {
    "CLONE_VM", "CLONE_FS", "CLONE_FILES", "CLONE_SIGHAND", "CLONE_PTRACE", "CLONE_PARENT", "CLONE_SYSVSEM", "CLONE_IO",
    "CLONE_NEWNS", "CLONE_NEWCGROUP", "CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWUSER", "CLONE_NEWPID", "CLONE_NEWNET",
    "CLONE_NEWTIME", "CLONE_INTO_CGROUP",
}  # fmt: skip
FLAGS = re.compile(r"\bflags=([^,}\s]+)")
EXIT_SIGNAL = re.compile(r"\bexit_signal=([^,}\s]+)")
PIDFD = re.compile(r"\b(?:parent_tid|pidfd)=\[(\d+)\]")
# Numbers of x86-64, signal(7).
SIGNALS = {
    name: number
    for number, name in enumerate(
        "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ "
        "VTALRM PROF WINCH IO PWR SYS".split(),
        start=1,
    )
}


def signal_number(name):
    short = name.removeprefix("SIG")
    if short in SIGNALS:
        return SIGNALS[short]
    if short == "RTMIN":
        return 32
    if short.startswith("RT_"):
        return 32 + int(short[3:])
    raise Undecided(f"a signal without a number: {name}")


def clone_flags(call):
    """Flags and the exit signal's name; the latter stands among the flags of clone."""
    if call.name in ("fork", "vfork"):
        return {"CLONE_VFORK", "CLONE_VM"} if call.name == "vfork" else set(), "SIGCHLD"
    text = ", ".join(call.arguments)
    match = FLAGS.search(text)
    if not match:
        raise Undecided(f"line {call.begin}: {call.name} without flags")
    flags = set(match[1].split("|"))
    if call.name == "clone3":
        signal = EXIT_SIGNAL.search(text)
        return flags, signal[1] if signal else "0"
    return flags, next((flag for flag in flags if flag.startswith("SIG")), "0")


def method(flags):
    if "CLONE_VFORK" in flags:
        return "vfork"
    return "clone" if flags & SHARING else "fork"


def attempted_path(call):
    """As passed; None where the pointer led nowhere."""
    if call.name == "execve":
        return strace_log.decode_string(call.arguments[0])
    directory, path = call.arguments[0].split("<")[0], strace_log.decode_string(call.arguments[1])
    if path is None or directory == "AT_FDCWD" or path.startswith("/"):
        return path
    return f"/dev/fd/{directory}/{path}" if path else f"/dev/fd/{directory}"


@dataclass
class SignalActions:
    """Of SIGCHLD: whether children are reaped by the kernel. Shared by CLONE_SIGHAND."""

    ignored: bool = False
    without_wait: bool = False


@dataclass(eq=False)
class Process:
    pid: int
    parent: "Process | None"
    spawner: "Process | None"
    actions: SignalActions
    method: str | None = None
    exit_signal: str = "SIGCHLD"
    is_starting: bool = False
    threads: set = field(default_factory=set)
    children: list = field(default_factory=list)
    # Of processes, by number, as the calls that made them gave them.
    descriptors: dict = field(default_factory=dict)
    path: str | None = None
    execs: int = 0
    failed_attempts: int = 0
    status: int | None = None
    signal: int | None = None
    ended: bool = False
    consumed: bool = False
    reaped_by_kernel: bool = False
    unreaped: bool = False
    orphaned: bool = False

    @property
    def outcome(self):
        if self.execs:
            return "executed"
        return "failed" if self.failed_attempts else "forked"


class Lifecycle:
    """Takes the events of one log; `report` is what they amount to."""

    def __init__(self, events):
        self.events = list(events)
        self.creations = defaultdict(deque)
        # Of calls that did not return, since their caller died: whom they made is not in the log.
        self.lost_creations = deque()
        for event in self.events:
            if isinstance(event, strace_log.Call) and event.name in CREATING and not event.error:
                (self.lost_creations if event.value is None else self.creations[event.value]).append(event)
        self.root = None
        self.threads = {}
        self.processes = {}
        self.pending = {}
        self.spawns = []
        self.execs = 0
        self.failed_creations = 0
        self.failures = Counter()

    def process(self, thread, line):
        """Whose thread it is. The first line of a new one may come before its creating call has returned."""
        if thread in self.threads:
            return self.threads[thread]
        if self.root is None:
            self.root = Process(thread, None, None, SignalActions(), is_starting=True, threads={thread})
            self.threads[thread] = self.processes[thread] = self.root
            return self.root
        return self.create(self.creation_of(thread, line), thread)

    def creation_of(self, thread, line):
        waiting = self.creations[thread]
        if waiting and waiting[0].begin < line:
            return waiting.popleft()
        before = [call for call in self.lost_creations if call.begin < line]
        if len(before) == 1:
            self.lost_creations.remove(before[0])
            return before[0]
        raise Undecided(f"line {line}: nobody made {thread}")

    def create(self, call, thread):
        spawner = self.process(call.thread, call.begin)
        flags, exit_signal = clone_flags(call)
        if "CLONE_THREAD" in flags:
            spawner.threads.add(thread)
            self.threads[thread] = spawner
            return spawner
        parent = spawner.parent if "CLONE_PARENT" in flags else spawner
        actions = spawner.actions
        if "CLONE_SIGHAND" not in flags:
            actions = SignalActions(actions.ignored, actions.without_wait)
        if "CLONE_CLEAR_SIGHAND" in flags:
            actions.without_wait = False
        if "CLONE_PARENT" in flags:
            exit_signal = spawner.exit_signal
        process = Process(thread, parent, spawner, actions, method(flags), exit_signal, threads={thread})
        self.threads[thread] = self.processes[thread] = process
        if parent is not None:
            parent.children.append(process)
        self.spawns.append(process)
        return process

    def run(self):
        for event in self.events:
            match event:
                case strace_log.Began():
                    process = self.process(event.call.thread, event.call.begin)
                    if event.call.name in EXECUTING:
                        self.pending[event.call.thread] = (process, event.call)
                case strace_log.Call():
                    self.call(event)
                case strace_log.Superseded():
                    self.supersede(event)
                case strace_log.Ended():
                    if self.end_thread(event):
                        break
        if self.root is None or not self.root.ended:
            raise Undecided("the log ends before the root does")
        return self

    def call(self, call):
        process = self.process(call.thread, call.begin)
        if call.name in CREATING:
            self.created(call)
        elif call.name in EXECUTING:
            self.pending.pop(call.thread, None)
            self.attempted(process, call)
        elif call.name == "wait4" and (call.value or 0) > 0:
            self.waited(process, call.value, call.arguments[1])
        elif call.name == "waitid" and call.value == 0 and "WNOWAIT" not in call.arguments[3]:
            self.waited_by_id(process, call)
        elif call.name == "rt_sigaction" and call.value == 0 and call.arguments[0] == "SIGCHLD" and call.arguments[1] != "NULL":
            process.actions.ignored = "sa_handler=SIG_IGN" in call.arguments[1]
            process.actions.without_wait = "SA_NOCLDWAIT" in call.arguments[1]

    def created(self, call):
        if call.value is None:
            return  # begun anew after a signal, or the caller died
        descriptor = PIDFD.search(", ".join(call.arguments))
        if descriptor and "CLONE_PIDFD" in clone_flags(call)[0]:
            self.process(call.thread, call.begin).descriptors[int(descriptor[1])] = call.value
        if call.value < 0:
            self.failed_creations += "CLONE_THREAD" not in clone_flags(call)[0]
        elif call in self.creations[call.value]:
            self.creations[call.value].remove(call)
            self.create(call, call.value)

    def attempted(self, process, call):
        if call.error and call.error.startswith("ERESTART"):
            return
        if call.value is None:
            self.failed(process, call, None)
        elif call.value < 0:
            self.failed(process, call, call.error)
        else:
            process.actions = SignalActions(process.actions.ignored)
            for thread in [thread for thread in process.threads if thread != process.pid]:
                self.lose_thread(process, thread)
            path = attempted_path(call)
            if process.path is None:
                process.path = path
            if process.is_starting:
                process.is_starting = False
            else:
                self.execs += 1
                process.execs += 1

    def failed(self, process, call, error):
        if process.is_starting:
            return
        process.failed_attempts += 1
        self.failures[(attempted_path(call), error)] += 1

    def waited(self, process, pid, status):
        target = self.processes.get(pid)
        if target is None:
            raise Undecided(f"a wait took {pid}, which is not known")
        if "WIFSTOPPED" in status or "WIFCONTINUED" in status or (status == "NULL" and not target.ended):
            return
        target.consumed = target.consumed or target.parent is process
        if target.ended:
            del self.processes[pid]

    def waited_by_id(self, process, call):
        information = call.arguments[2]
        if information == "NULL":
            # A pidfd says whom, where the creating call made it: opening others is not in the log.
            known = {"P_PID": lambda name: int(name), "P_PIDFD": lambda name: process.descriptors.get(int(name))}
            pid = known.get(call.arguments[0], lambda name: None)(call.arguments[1])
            if pid is None:
                raise Undecided(f"line {call.end}: waitid does not say whom it took")
            return self.waited(process, pid, "NULL")
        pid = re.search(r"\bsi_pid=(\d+)", information)
        if pid and int(pid[1]) and re.search(r"si_code=CLD_(EXITED|KILLED|DUMPED)\b", information):
            self.waited(process, int(pid[1]), information)

    def supersede(self, event):
        process = self.process(event.leader, event.line)
        # The attempt goes on under the leader's number; the leader's own ended with the leader.
        if event.leader in self.pending:
            self.failed(*self.pending.pop(event.leader), None)
        if event.thread in self.pending:
            self.pending[event.leader] = self.pending.pop(event.thread)
        process.threads.discard(event.thread)
        self.threads.pop(event.thread, None)

    def lose_thread(self, process, thread):
        if thread in self.pending:
            self.failed(*self.pending.pop(thread), None)
        process.threads.discard(thread)
        self.threads.pop(thread, None)

    def end_thread(self, event):
        """Whether the session is over. A leader's end is told when its last thread has ended."""
        process = self.process(event.thread, event.line)
        self.lose_thread(process, event.thread)
        if event.thread != process.pid:
            return False
        process.ended = True
        process.status = event.status
        process.signal = signal_number(event.signal) if event.signal else None
        actions = process.parent.actions if process.parent else SignalActions()
        process.reaped_by_kernel = process.exit_signal == "SIGCHLD" and (actions.ignored or actions.without_wait)
        process.orphaned = process.parent is not None and process.parent.ended
        for child in process.children:
            child.unreaped |= child.ended and not (child.consumed or child.reaped_by_kernel or child.orphaned)
        if process.consumed or process.reaped_by_kernel:
            self.processes.pop(process.pid, None)
        return process is self.root

    def report(self):
        spawns = []
        for process in self.spawns:
            unreaped = process.unreaped or (
                process.ended
                and process.parent is not None
                and not (process.consumed or process.reaped_by_kernel or process.orphaned)
            )
            orphaned = process.orphaned or (not process.ended and process.parent is not None and process.parent.ended)
            gone = process.ended and not orphaned and not unreaped
            spawns.append(
                {
                    "method": process.method,
                    "outcome": process.outcome,
                    "path": process.path,
                    "status": process.status,
                    "signal": process.signal,
                    "unreaped": unreaped,
                    "orphaned": orphaned,
                    "unfinished": not process.ended,
                    "reaped": process.consumed if gone else None,
                    "parent": "[root]" if process.spawner is self.root else process.spawner.path or f"[{process.spawner.outcome}]",
                }
            )
        return {
            "totals": {
                "spawns": len(spawns),
                "execs": self.execs,
                "forked": sum(spawn["outcome"] == "forked" for spawn in spawns),
                "failed": sum(spawn["outcome"] == "failed" for spawn in spawns),
                "failed_attempts": sum(self.failures.values()),
                "failed_creations": self.failed_creations,
                "unreaped": sum(spawn["unreaped"] for spawn in spawns),
                "orphaned": sum(spawn["orphaned"] for spawn in spawns),
                "unfinished": sum(spawn["unfinished"] for spawn in spawns),
            },
            "failures": [
                {"path": path, "errno": error, "attempts": attempts} for (path, error), attempts in self.failures.items()
            ],
            "spawns": spawns,
        }


def read(path):
    with open(path, encoding="latin-1") as log:
        return Lifecycle(strace_log.events(log)).run().report()


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        json.dump(read(sys.argv[1]), sys.stdout, indent=1)
        print()
    except (OSError, Undecided) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
