/// What the tracer knows of a process.
struct TracedProcess {
    /// Living threads.
    var threads = 1
    var hasRun = false
    /// When it first ran; 0 once a record has told it.
    var ran: UInt64 = 0
    /// The status of its first thread, which decides unless all threads are ended together.
    var leaderStatus: UInt32?
    /// The status of all threads that end together, by exit_group(2) or a signal.
    var groupStatus: UInt32?
    /// Where the stack of its first thread begins; `nil` if that was not read for its program yet.
    var stackStart: UInt64?
    /// The pages that it had mapped when its mappings were told last.
    var mappedPages: UInt64 = 0
    /// The last signal that reached it.
    var received: Signal?

    struct Signal {
        var number: Int32
        var code: Int32
        var sender: Int32
    }
}
