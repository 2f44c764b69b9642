/// Children that ended just before their parent did, and for which no SIGCHLD was seen yet. The kernel sends it to
/// their new parent, microseconds after both ends were recorded. If it sends none, their parent ignored its children,
/// and they are gone.
struct UndecidedZombies {
    private var states: [Int32: ProcessState] = [:]
    /// Pids in the order of their parents' ends, with the times of those ends.
    private var order: [(pid: Int32, time: UInt64)] = []
    private var first = 0

    /// Nanoseconds after which no further SIGCHLD is expected.
    private static let patience: UInt64 = 1_000_000_000

    /// Adds a child. Returns one for which SIGCHLD is no longer expected, if any.
    mutating func add(_ state: consuming ProcessState, pid: Int32, at time: UInt64) -> ProcessState? {
        let former = states.updateValue(state, forKey: pid)
        order.append((pid, time))
        if let former { return former }
        guard order[first].time &+ Self.patience < time else { return nil }
        return removeFirst()
    }

    func contains(_ pid: Int32) -> Bool { !states.isEmpty && states[pid] != nil }

    mutating func remove(_ pid: Int32) -> ProcessState? { states.isEmpty ? nil : states.removeValue(forKey: pid) }

    mutating func removeFirst() -> ProcessState? {
        while first < order.count {
            let pid = order[first].pid
            first += 1
            if first > 1024, first * 2 > order.count {
                order.removeFirst(first)
                first = 0
            }
            if let state = states.removeValue(forKey: pid) { return state }
        }
        order.removeAll(keepingCapacity: true)
        first = 0
        return nil
    }
}
