/// Ended children that no wait was seen to take before their parent ended. When the parent ends, the kernel sends
/// SIGCHLD to the new parent of each child that is still a zombie, and then one for the ending parent itself
/// (forget_original_parent in kernel/exit.c, do_notify_parent in kernel/signal.c). All are recorded in the ending
/// parent, just after its end.
struct LeftZombies {
    /// The zombies that one parent left.
    struct OfParent {
        var states: [ProcessState]
        /// How many SIGCHLDs the ending parent has sent.
        var told: Int
        var ended: UInt64

        /// Whether none had been reaped: one SIGCHLD was sent for each, and one for the parent itself. If the parent's
        /// own parent ignores its children, the last one is missing and this is `false`.
        var areAllThere: Bool { told > states.count }
    }

    private var parents: [Int32: OfParent] = [:]
    /// Parents in the order of their ends, including some that have been removed from `parents`.
    private var order: [(pid: Int32, time: UInt64)] = []
    private var first = 0

    /// Nanoseconds after which no further SIGCHLD is expected.
    private static let patience: UInt64 = 1_000_000_000

    /// Adds the zombies of one parent. Returns those of another, or of an earlier process with this pid, for which no
    /// further SIGCHLD is expected.
    mutating func add(_ states: [ProcessState], of parent: Int32, told: Int, at time: UInt64) -> OfParent? {
        let former = parents.updateValue(OfParent(states: states, told: told, ended: time), forKey: parent)
        order.append((parent, time))
        if let former { return former }
        skipSettled()
        guard order[first].time &+ Self.patience < time else { return nil }
        return removeFirst()
    }

    func contains(_ parent: Int32) -> Bool { !parents.isEmpty && parents[parent] != nil }

    /// Counts a SIGCHLD that was sent by this process.
    mutating func tell(_ parent: Int32) { if !parents.isEmpty { parents[parent]?.told += 1 } }

    mutating func remove(_ parent: Int32) -> OfParent? { parents.isEmpty ? nil : parents.removeValue(forKey: parent) }

    mutating func removeFirst() -> OfParent? {
        skipSettled()
        return first < order.count ? parents.removeValue(forKey: order[first].pid) : nil
    }

    /// Entries are told apart by end time, since another parent may have the same pid by now.
    private mutating func skipSettled() {
        while first < order.count, parents[order[first].pid]?.ended != order[first].time { first += 1 }
        if first == order.count || first > 1024 && first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }
}
