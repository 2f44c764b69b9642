/// Children that ended just before their parent did, and have told nobody of it yet. The kernel sends SIGCHLD to whoever inherits them,
/// microseconds after both ends were recorded; where it sends none their parent ignored its children, and they are gone.
struct UndecidedZombies {
    private var states: [Int32: ProcessState] = [:]
    /// Pids in the order of their parents' ends, and when those were.
    private var order: [(pid: Int32, time: UInt64)] = []
    private var first = 0

    /// Nanoseconds after which nothing more is to be expected.
    private static let patience: UInt64 = 1_000_000_000

    /// Adds one; returns one that has waited in vain.
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
