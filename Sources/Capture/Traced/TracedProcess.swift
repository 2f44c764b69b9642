/// What the tracer knows of a process.
struct TracedProcess {
    /// Whose child it is, even if that one has ended; 0 if it is not known, or not one of the workload.
    var parent: Int32
    var name: TraceeName
    /// Living threads, and those of them that are about to end.
    var threads = 1
    var endingThreads = 0
    /// Its threads stop before they end, so that what it leaves behind can be seen.
    var stopsAtExits: Bool
    var hasRun = false
    /// It was created with its creator's memory (CLONE_VM).
    var sharesMemory = false
    /// When it first ran; 0 once a record has told it.
    var ran: UInt64 = 0
    /// Where the stack of its first thread begins.
    var stackStart: UInt64 = 0
    /// The bytes that it had mapped when its mappings were looked at last, and what they were then.
    var mappedBytes: UInt64 = 0
    var mappings = 0
    /// Where its code returns from exec attempts.
    var attempts = AttemptPlaces()
    /// How attempts are seen before its first exec; `nil` from then on.
    var watch: AttemptWatch?
    /// Children that have ended; those that were reaped are taken out in time.
    var endedChildren: [Int32] = []
    /// The last signal that reached it.
    var received: Signal?

    struct Signal {
        var number: Int32
        var code: Int32
        var sender: Int32
        var senderName = TraceeName()
    }
}

/// How a tracer sees the exec attempts of a new process.
enum AttemptWatch {
    /// It stops where one has failed. `bySpawn`: posix_spawn(3) created it. `left`: how many calls of syscall(2) it may make.
    case places(AttemptPlaces, bySpawn: Bool, left: Int)
    /// It stops at each system call. `left`: how many more stops it may make.
    case calls(left: Int, entered: Attempt?)

    /// An attempt that has begun.
    struct Attempt {
        /// AT_FDCWD for execve.
        var directory: Int32
        var path: UInt64
    }
}
