package import SpawnModel

/// Spawns that a signal ended, grouped by signal, sender and call site.
package struct SignalEnd: Hashable, Sendable {
    package var signal: Int32
    /// `nil` if the session does not record the sender.
    package var sender: SignalSender.Relation?
    /// The sender's comm; `nil` for the kernel.
    package var comm: String?
    /// The `CallSite.id` of those spawns.
    package var callSite: Int

    package init(_ signal: Int32, _ sender: SignalSender?, callSite: Int) {
        self.signal = signal
        self.sender = sender?.relation
        comm = sender?.comm
        self.callSite = callSite
    }
}

extension Report {
    /// The most frequent first.
    package var rankedSignalEnds: [(end: SignalEnd, spawns: Int)] {
        func key(_ end: SignalEnd) -> (Int32, Int, String) { (end.signal, end.callSite, end.comm ?? "") }
        return spawns.signalEnds.map { ($0.key, $0.value) }.sorted { left, right in
            left.1 != right.1 ? left.1 > right.1 : key(left.0) < key(right.0)
        }
    }
}
