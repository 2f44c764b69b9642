"""What strace_lifecycle.py knows of one process."""

from dataclasses import dataclass, field


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
    # Of its pid namespace and of the one that its next children will be in: processes by the numbers that they have there.
    namespace: dict = field(default_factory=dict)
    next_namespace: dict | None = None
    path: str | None = None
    programs: list = field(default_factory=list)
    argv0: str | None = None
    argument_bytes: int | None = None
    environment_bytes: int | None = None
    # By signal: who sent the last of that number that arrived, or was sent by a call; None for the kernel.
    senders: dict = field(default_factory=dict)
    # It made calls by the 32-bit interface.
    is_compat: bool = False
    # Seconds between which it was made, its first exec succeeded and its end lies.
    made: tuple = (None, None)
    executed: tuple = (None, None)
    last_call: float | None = None
    ended_before: float | None = None
    # Its parent's end and its own were told at nearly the same time: which was first is not known.
    is_close: bool = False
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
