/// The tracepoints that the borders of the phases need, and no more: an event costs up to 1.6 µs, with a user stack 3.5.
struct DefaultTracepoint {
    let name: TracepointName
    var filter: String?
    /// Where a spawn or an exec attempt is asked for, the user's stack is the call site.
    var hasUserCallchain = false
    /// Where a spawn is asked for, registers and a dump of the stack make the call site whole without frame pointers.
    var hasStackDump = false
    /// A kernel without it cannot do what it tells of.
    var isOptional = false

    private init(
        _ system: String, _ event: String, filter: String? = nil, hasUserCallchain: Bool = false,
        hasStackDump: Bool = false, isOptional: Bool = false
    ) {
        name = TracepointName(system, event)
        self.filter = filter
        self.hasUserCallchain = hasUserCallchain
        self.hasStackDump = hasStackDump
        self.isOptional = isOptional
    }

    /// CLONE_THREAD: a thread is no spawn.
    private static let notThread = "!(clone_flags & 65536)"

    /// SIG_DFL, and not one that ignores, stops or continues by default: SIGCHLD to SIGURG are 17 to 23, SIGWINCH is 28.
    private static let deadly = "sa_handler == 0 && (sig < 17 || sig > 23) && sig != 28"

    /// SIGCHLD with CLD_EXITED, CLD_KILLED or CLD_DUMPED; and those that may end their target and were not dropped, since a
    /// process that dies of one without a core dump is delivered SIGKILL in its place.
    private static let childEndedOrDeadly =
        "(sig == 17 && code >= 1 && code <= 3) || (result == 0 && (sig < 17 || sig > 23) && sig != 28)"

    static let all: [DefaultTracepoint] = [
        // Creation: entry, the child exists, and both returns (the child's first run, the spawner's own return).
        DefaultTracepoint("syscalls", "sys_enter_clone", filter: notThread),
        DefaultTracepoint("syscalls", "sys_enter_clone3"),
        DefaultTracepoint("syscalls", "sys_enter_fork"),
        DefaultTracepoint("syscalls", "sys_enter_vfork"),
        DefaultTracepoint("task", "task_newtask", filter: notThread, hasUserCallchain: true, hasStackDump: true),
        DefaultTracepoint("syscalls", "sys_exit_clone"),
        DefaultTracepoint("syscalls", "sys_exit_clone3"),
        DefaultTracepoint("syscalls", "sys_exit_fork"),
        DefaultTracepoint("syscalls", "sys_exit_vfork"),
        // Exec attempts.
        DefaultTracepoint("syscalls", "sys_enter_execve", hasUserCallchain: true),
        DefaultTracepoint("syscalls", "sys_exit_execve"),
        DefaultTracepoint("syscalls", "sys_enter_execveat", hasUserCallchain: true),
        DefaultTracepoint("syscalls", "sys_exit_execveat"),
        DefaultTracepoint("sched", "sched_process_exec"),
        // The end, its code or its signal.
        DefaultTracepoint("syscalls", "sys_enter_exit"),
        DefaultTracepoint("syscalls", "sys_enter_exit_group"),
        DefaultTracepoint("signal", "signal_deliver", filter: deadly),
        DefaultTracepoint("sched", "sched_process_exit"),
        // Which signal it was; and whether the parent wants to know: one that ignores SIGCHLD leaves its children to the kernel.
        DefaultTracepoint("signal", "signal_generate", filter: childEndedOrDeadly),
        // Reaping, and the time blocked in it.
        DefaultTracepoint("sched", "sched_process_wait"),
        DefaultTracepoint("syscalls", "sys_exit_wait4", filter: "ret >= 0"),
        DefaultTracepoint("syscalls", "sys_enter_waitid"),
        DefaultTracepoint("syscalls", "sys_exit_waitid", filter: "ret == 0"),
        // Once a ring; by one a process can reap without a call (IORING_OP_WAITID, Linux 6.7).
        DefaultTracepoint("io_uring", "io_uring_create", isOptional: true),
    ]
}
