import PerfRecords

/// The tracepoints that the phases' boundaries need, and no more: an event costs up to 1.6 µs, 3.5 µs with a user
/// stack.
struct DefaultTracepoint {
    let name: TracepointName
    var filter: String?
    /// Whether samples have the user's callchain: where a spawn or an exec is requested, it is the call site.
    var hasUserCallchain = false
    /// Whether samples have user registers and a stack dump, which complete a spawn's call site without frame pointers.
    var hasStackDump = false
    /// Whether it may be missing without a note: a kernel without it also lacks what it reports.
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

    /// Without CLONE_THREAD (0x10000): a thread is not a spawn.
    private static let notThread = "!(clone_flags & 65536)"

    /// A signal with SIG_DFL whose default action ends the process. SIGCHLD to SIGURG (17 to 23) and SIGWINCH (28) are
    /// ignored, or stop or continue it.
    private static let deadly = "sa_handler == 0 && (sig < 17 || sig > 23) && sig != 28"

    /// SIGCHLD with CLD_EXITED, CLD_KILLED or CLD_DUMPED, and signals that may end their target and were not dropped.
    /// The latter because a process that dies of one without a core dump is delivered SIGKILL in its place.
    private static let childEndedOrDeadly =
        "(sig == 17 && code >= 1 && code <= 3) || (result == 0 && (sig < 17 || sig > 23) && sig != 28)"

    static let all: [DefaultTracepoint] = [
        // Creation: entry, the child's existence, and both returns (the child's first run, the spawner's own return).
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
        // Which signal it was, and whether the parent is notified: if it ignores SIGCHLD, the kernel reaps its
        // children.
        DefaultTracepoint("signal", "signal_generate", filter: childEndedOrDeadly),
        // Reaping, and the time blocked in it.
        DefaultTracepoint("sched", "sched_process_wait"),
        DefaultTracepoint("syscalls", "sys_exit_wait4", filter: "ret >= 0"),
        DefaultTracepoint("syscalls", "sys_enter_waitid"),
        DefaultTracepoint("syscalls", "sys_exit_waitid", filter: "ret == 0"),
        // Occurs once per io_uring, through which a process can reap without a system call for it (IORING_OP_WAITID,
        // Linux 6.7).
        DefaultTracepoint("io_uring", "io_uring_create", isOptional: true),
    ]
}
