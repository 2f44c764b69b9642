"""Counts the spawns in a log of strace, of a run with these options:

    strace -f -qq --signal=none -e trace=fork,vfork,clone,clone3 -o LOG -- COMMAND

A call that made a process counts one; one that made a thread (CLONE_THREAD) or failed counts nothing. The command itself is started by
strace before it traces, so it does not count, as it is no spawn of its own session either.
"""

from bench.strace import log
from bench.strace.calls import CREATING

OPTIONS = ["-f", "-qq", "--signal=none", "-e", "trace=fork,vfork,clone,clone3"]


def count(lines):
    """Raises Undecided where a line cannot be decided: a wrong count is worse than none."""
    spawns, pending = 0, {}
    for event in log.events(lines):
        if isinstance(event, log.Began):
            pending[event.call.thread] = event.call
        elif isinstance(event, log.Call) and event.name in CREATING:
            pending.pop(event.thread, None)
            spawns += is_process(event)
    for call in pending.values():
        raise log.Undecided(f"line {call.begin}: {call.name} of thread {call.thread} never returned")
    return spawns


def is_process(call):
    if call.value is None:
        # A signal came first: the kernel makes the call again, which is a line of its own.
        if call.error and call.error.startswith("ERESTART"):
            return False
        raise log.Undecided(f"line {call.end}: the result of {call.name} is unknown")
    return call.value > 0 and not any("CLONE_THREAD" in argument for argument in call.arguments)
