/// Who sent the signal that ended a process.
package struct SignalSender: Hashable, Sendable {
    /// How the sender is related to the process that ended.
    package enum Relation: String, Hashable, Sendable, CaseIterable {
        /// A fault, a timer, the OOM killer or a terminal.
        case kernel
        /// The process itself: abort(3), raise(3), Go and Java when they give up. Also SIGPIPE, which the kernel sends
        /// in the writer's name (SI_USER).
        case itself
        /// Its real parent, also by a death signal (PR_SET_PDEATHSIG), which is sent in the ending parent.
        case parent
        case other
    }

    package var relation: Relation
    /// The sender's pid, and its comm at that moment; `nil` for the kernel.
    package var pid: Int32?
    package var comm: String?

    package init(relation: Relation, pid: Int32? = nil, comm: String? = nil) {
        self.relation = relation
        self.pid = pid
        self.comm = comm
    }
}
