/// Ended children that no wait was seen to take before their parent ended. As that ends, the kernel sends SIGCHLD to whoever inherits each
/// child that is still there, and after these one for itself (forget_original_parent and do_notify_parent in kernel/exit.c), all
/// recorded in the parent, just after its end.
struct LeftZombies {
    /// Those of one parent.
    struct OfParent {
        var states: [ProcessState]
        /// How often somebody was told of an end.
        var told: Int
        var ended: UInt64

        /// The last told of the parent itself; where its own ignores its children nothing did, and that leaves one too few.
        var areAllThere: Bool { told > states.count }
    }

    private var parents: [Int32: OfParent] = [:]
    /// Parents in the order of their ends; some may be settled.
    private var order: [(pid: Int32, time: UInt64)] = []
    private var first = 0

    /// Nanoseconds after which nothing more is to be expected.
    private static let patience: UInt64 = 1_000_000_000

    /// Adds those of one parent; returns others, of which nothing more is to be expected.
    mutating func add(_ states: [ProcessState], of parent: Int32, told: Int, at time: UInt64) -> OfParent? {
        let former = parents.updateValue(OfParent(states: states, told: told, ended: time), forKey: parent)
        order.append((parent, time))
        if let former { return former }
        skipSettled()
        guard order[first].time &+ Self.patience < time else { return nil }
        return removeFirst()
    }

    func contains(_ parent: Int32) -> Bool { !parents.isEmpty && parents[parent] != nil }

    /// Somebody was told of an end, in this process.
    mutating func tell(_ parent: Int32) { if !parents.isEmpty { parents[parent]?.told += 1 } }

    mutating func remove(_ parent: Int32) -> OfParent? { parents.isEmpty ? nil : parents.removeValue(forKey: parent) }

    mutating func removeFirst() -> OfParent? {
        skipSettled()
        return first < order.count ? parents.removeValue(forKey: order[first].pid) : nil
    }

    /// A pid may be another parent's by now.
    private mutating func skipSettled() {
        while first < order.count, parents[order[first].pid]?.ended != order[first].time { first += 1 }
        if first == order.count || first > 1024 && first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }
}
