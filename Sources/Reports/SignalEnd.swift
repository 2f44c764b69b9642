public import SpawnModel

/// Spawns that a signal ended, those of the same signal, sender and call site together.
public struct SignalEnd: Hashable, Sendable {
    public var signal: Int32
    /// `nil` where the session does not tell who sent it.
    public var sender: SignalSender.Relation?
    /// What the sender was called; `nil` for the kernel.
    public var comm: String?
    /// The `CallSite.id` of those spawns.
    public var callSite: Int

    public init(_ signal: Int32, _ sender: SignalSender?, callSite: Int) {
        self.signal = signal
        self.sender = sender?.relation
        comm = sender?.comm
        self.callSite = callSite
    }
}

extension Report {
    /// The most frequent first.
    public var rankedSignalEnds: [(end: SignalEnd, spawns: Int)] {
        func key(_ end: SignalEnd) -> (Int32, Int, String) { (end.signal, end.callSite, end.comm ?? "") }
        return spawns.signalEnds.map { ($0.key, $0.value) }.sorted { left, right in
            left.1 != right.1 ? left.1 > right.1 : key(left.0) < key(right.0)
        }
    }
}
