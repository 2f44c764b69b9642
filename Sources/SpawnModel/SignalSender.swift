/// Who sent the signal that ended a process.
package struct SignalSender: Hashable, Sendable {
    /// As seen from the process that it ended.
    package enum Relation: String, Hashable, Sendable, CaseIterable {
        /// A fault, a timer, the end of memory, or what a terminal or a closed pipe sends.
        case kernel
        /// The process itself: abort(3), raise(3), and Go and Java when they give up.
        case itself
        /// Its real parent. A death signal (PR_SET_PDEATHSIG) is sent by the parent's last act.
        case parent
        case other
    }

    package var relation: Relation
    /// The sender's process and its name just then; `nil` for the kernel.
    package var pid: Int32?
    package var comm: String?

    package init(relation: Relation, pid: Int32? = nil, comm: String? = nil) {
        self.relation = relation
        self.pid = pid
        self.comm = comm
    }
}
