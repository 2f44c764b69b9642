"""What a program's spawns were, by a log of strace:

    strace -f -ttt -s 65536 -o LOG -e trace=fork,vfork,clone,clone3,execve,execveat,wait4,waitid,rt_sigaction -- COMMAND

Independent of Spawnscope: it knows the rules of counting, and nothing else of it. A line that cannot be decided raises Undecided: a wrong
answer is worse than none.

A whole log is of a strace that was recorded itself: COMMAND is a spawn like the others, and the session lasts as long as strace does,
which is until the last process has ended.

The rules: the root's first exec counts nowhere; each process is one spawn, executed, forked (no attempt at all) or failed; the session
ends when the root ends.
"""

import re
from collections import Counter, defaultdict, deque

from bench.strace import account, log
from bench.strace.calls import (
    CREATING,
    EXECUTING,
    PIDFD,
    SENDING,
    WAITING,
    attempted_path,
    clone_flags,
    join_restarted_calls,
    method,
    signal_number,
    undo_denied_calls,
)
from bench.strace.log import Undecided
from bench.strace.process import Process, SignalActions


class Lifecycle:
    """Takes the events of one log; account.py says what they amount to."""

    # Seconds between two ends within which strace may tell of them in the wrong order.
    CLOSE = 0.005

    def __init__(self, events, whole=False):
        self.events = join_restarted_calls(undo_denied_calls(list(events)))
        self.whole = whole
        self.creations = defaultdict(deque)
        # Of calls that did not return, since their caller died: whom they made is not in the log.
        self.lost_creations = deque()
        for event in self.events:
            if isinstance(event, log.Call) and event.name in CREATING and not event.error:
                (self.lost_creations if event.value is None else self.creations[event.outer or event.value]).append(event)
        self.root = None
        self.threads = {}
        # Those that make calls by the 32-bit interface just now: strace tells of changes, and a new one is as its maker was.
        self.compat = set()
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
            self.root = Process(thread, None, None, SignalActions(), is_starting=not self.whole, threads={thread})
            self.threads[thread] = self.processes[thread] = self.root.namespace[thread] = self.root
            if self.whole:
                self.spawns.append(self.root)
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
        if call.thread in self.compat:
            self.compat.add(thread)
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
        process.made = (call.entered, call.left)
        self.threads[thread] = self.processes[thread] = process
        if call.value is not None:
            spawner.namespace[call.value] = process
        process.namespace = spawner.namespace if spawner.next_namespace is None else spawner.next_namespace
        if "CLONE_NEWPID" in flags:
            process.namespace = {}
        if not process.namespace:
            process.namespace[1] = process
        if parent is not None:
            parent.children.append(process)
        self.spawns.append(process)
        return process

    def run(self):
        for event in self.events:
            match event:
                case log.Began():
                    process = self.process(event.call.thread, event.call.begin)
                    process.is_compat |= event.call.thread in self.compat
                    if event.call.name in EXECUTING:
                        self.pending[event.call.thread] = (process, event.call)
                case log.Call():
                    self.call(event)
                case log.Superseded():
                    self.supersede(event)
                case log.Signalled():
                    process = self.process(event.thread, event.line)
                    process.senders[event.signal] = event.sender if event.code in ("SI_USER", "SI_TKILL", "SI_QUEUE") else None
                case log.Mode():
                    self.process(event.thread, event.line)
                    (self.compat.discard if event.mode == "64 bit" else self.compat.add)(event.thread)
                case log.Ended():
                    if self.end_thread(event) and not self.whole:
                        break
        if self.root is None or not self.root.ended:
            raise Undecided("the log ends before the root does")
        return self

    def call(self, call):
        process = self.process(call.thread, call.begin)
        process.last_call = call.left or process.last_call
        process.is_compat |= call.thread in self.compat
        if call.name in CREATING:
            self.created(call)
        elif call.name in EXECUTING:
            self.pending.pop(call.thread, None)
            self.attempted(process, call)
        elif call.name in WAITING and (call.value or 0) > 0:
            self.waited(process, process.namespace.get(call.value), call.arguments[1], call.end)
        elif call.name in SENDING and call.value == 0:
            self.sent(process, call)
        elif call.name == "unshare" and call.value == 0 and "CLONE_NEWPID" in call.arguments[0]:
            process.next_namespace = {}
        elif call.name == "waitid" and call.value == 0 and "WNOWAIT" not in call.arguments[3]:
            self.waited_by_id(process, call)
        elif call.name == "rt_sigaction" and call.value == 0 and call.arguments[0] == "SIGCHLD" and call.arguments[1] != "NULL":
            process.actions.ignored = "sa_handler=SIG_IGN" in call.arguments[1]
            process.actions.without_wait = "SA_NOCLDWAIT" in call.arguments[1]

    def created(self, call):
        if call.value is None:
            return  # begun anew after a signal, or the caller died
        descriptor = PIDFD.search(", ".join(call.arguments))
        made = call.outer or call.value
        if descriptor and "CLONE_PIDFD" in clone_flags(call)[0]:
            self.process(call.thread, call.begin).descriptors[int(descriptor[1])] = call.value
        if call.value < 0 and not call.is_denied:
            self.failed_creations += "CLONE_THREAD" not in clone_flags(call)[0]
        elif call.value > 0 and call in self.creations[made]:
            self.creations[made].remove(call)
            self.create(call, made)

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
                process.executed = (call.entered, call.left)
                place = 1 if call.name == "execve" else 2
                process.argument_bytes = log.array_size(call.arguments[place])
                process.argv0 = log.first_string(call.arguments[place])
                process.environment_bytes = log.array_size(call.arguments[place + 1])
            process.programs.append(path)
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

    def waited(self, process, target, status, line):
        if target is None:
            raise Undecided(f"line {line}: a wait took a process that is not known")
        if "WIFSTOPPED" in status or "WIFCONTINUED" in status or (status == "NULL" and not target.ended):
            return
        target.consumed = target.consumed or target.parent is process
        if target.ended and self.processes.get(target.pid) is target:
            del self.processes[target.pid]

    def sent(self, process, call):
        """A signal was sent by a call: the only word of a SIGKILL's sender."""
        place = SENDING[call.name]
        whom = log.OUTER.match(call.arguments[place - 1])
        if whom is None or not call.arguments[place].startswith("SIG"):
            return  # to a group, or none
        target = self.threads.get(int(whom["outer"] or whom["pid"]))
        if target is not None and not target.ended:
            target.senders[call.arguments[place]] = process.pid

    def waited_by_id(self, process, call):
        information = call.arguments[2]
        if information == "NULL":
            # A pidfd says whom, where the creating call made it: opening others is not in the log.
            known = {"P_PID": int, "P_PIDFD": lambda name: process.descriptors.get(int(name))}
            pid = known.get(call.arguments[0], lambda name: None)(call.arguments[1])
            if pid is None:
                raise Undecided(f"line {call.end}: waitid does not say whom it took")
            self.waited(process, process.namespace.get(pid), "NULL", call.end)
            return
        pid = re.search(r"\bsi_pid=(\d+)", information)
        if pid and int(pid[1]) and re.search(r"si_code=CLD_(EXITED|KILLED|DUMPED)\b", information):
            self.waited(process, process.namespace.get(int(pid[1])), information, call.end)

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
        self.compat.discard(thread)

    def end_thread(self, event):
        """Whether the session is over. A leader's end is told when its last thread has ended."""
        process = self.process(event.thread, event.line)
        self.lose_thread(process, event.thread)
        if event.thread != process.pid:
            return False
        process.ended = True
        process.ended_before = event.stamp
        process.status = event.status
        process.signal = signal_number(event.signal) if event.signal else None
        actions = process.parent.actions if process.parent else SignalActions()
        process.reaped_by_kernel = process.exit_signal == "SIGCHLD" and (actions.ignored or actions.without_wait)
        process.orphaned = process.parent is not None and process.parent.ended
        for other in [process.parent, *process.children]:
            if other is not None and other.ended and None not in (other.ended_before, event.stamp):
                process.is_close |= other is process.parent and event.stamp - other.ended_before < self.CLOSE
                other.is_close |= other is not process.parent and event.stamp - other.ended_before < self.CLOSE
        for child in process.children:
            child.unreaped |= child.ended and not (child.consumed or child.reaped_by_kernel or child.orphaned)
        if process.consumed or process.reaped_by_kernel:
            self.processes.pop(process.pid, None)
        return process is self.root


def read(path, whole=False):
    with open(path, encoding="latin-1") as lines:
        return account.report(Lifecycle(log.events(lines), whole).run())
