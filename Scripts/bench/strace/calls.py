"""What single calls of a log of strace mean: flags, paths, signals, and which of them failed or were made twice."""

import re

from bench.strace import log
from bench.strace.log import Undecided

CREATING = {"fork", "vfork", "clone", "clone3"}
EXECUTING = {"execve", "execveat"}
WAITING = {"wait4", "waitpid"}
# Which argument has the signal, by call; whom it is sent to comes before that.
SENDING = {"kill": 1, "tkill": 1, "tgkill": 2}
SHARING = {
    "CLONE_VM", "CLONE_FS", "CLONE_FILES", "CLONE_SIGHAND", "CLONE_PTRACE", "CLONE_PARENT", "CLONE_SYSVSEM", "CLONE_IO",
    "CLONE_NEWNS", "CLONE_NEWCGROUP", "CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWUSER", "CLONE_NEWPID", "CLONE_NEWNET",
    "CLONE_NEWTIME", "CLONE_INTO_CGROUP",
}  # fmt: skip
# Numbers of x86-64, asm/unistd_64.h.
CALL_NUMBERS = {"clone": 56, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "clone3": 435}
FLAGS = re.compile(r"\bflags=([^,}\s]+)")
EXIT_SIGNAL = re.compile(r"\bexit_signal=([^,}\s]+)")
PIDFD = re.compile(r"\b(?:parent_tid|pidfd)=\[(\d+)\]")
# Numbers of x86-64, signal(7).
SIGNALS = {
    name: number
    for number, name in enumerate(
        [
            "HUP",
            "INT",
            "QUIT",
            "ILL",
            "TRAP",
            "ABRT",
            "BUS",
            "FPE",
            "KILL",
            "USR1",
            "SEGV",
            "USR2",
            "PIPE",
            "ALRM",
            "TERM",
            "STKFLT",
            "CHLD",
            "CONT",
            "STOP",
            "TSTP",
            "TTIN",
            "TTOU",
            "URG",
            "XCPU",
            "XFSZ",
            "VTALRM",
            "PROF",
            "WINCH",
            "IO",
            "PWR",
            "SYS",
        ],
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
        return log.decode_string(call.arguments[0])
    directory, path = call.arguments[0].split("<")[0], log.decode_string(call.arguments[1])
    if path is None or directory == "AT_FDCWD" or path.startswith("/"):
        return path
    return f"/dev/fd/{directory}/{path}" if path else f"/dev/fd/{directory}"


def join_restarted_calls(events):
    """A creation that a signal interrupts is made again: the child was asked for when that was done first."""
    asked = {}
    for event in events:
        if isinstance(event, log.Call) and event.name in CREATING:
            first = asked.pop(event.thread, event.entered)
            if event.error and event.error.startswith("ERESTART"):
                asked[event.thread] = first
            else:
                event.entered = first
    return events


def undo_denied_calls(events):
    """A filter (seccomp) that answers with a signal leaves the call's own number as its result: it failed, and made nobody."""
    last = {}
    for event in events:
        match event:
            case log.Call():
                last[event.thread] = event
            case log.Signalled() if event.signal == "SIGSYS" and event.code == "SYS_SECCOMP":
                deny(last.get(event.thread))
            case log.Ended() if event.signal == "SIGSYS":
                deny(last.get(event.thread))
    return events


def deny(call):
    if call is not None and call.value == CALL_NUMBERS.get(call.name):
        call.value, call.error, call.is_denied = -1, None, True
