internal import ByteAccess
internal import PerfRecords

/// CGROUP records on their way into a packed session: the recorder may have told the path of every group of the machine,
/// and only those in which something of the workload ran are kept.
struct HeldGroups {
    private var held: [UInt64: [UInt8]] = [:]
    /// Groups whose records have been written.
    private var told: Set<UInt64> = []
    /// Groups that were met before any record told of them.
    private var awaited: Set<UInt64> = []

    /// The most that wait; those that come later are left out.
    private static let most = 1 << 14

    /// Takes a record over, if it is of a group that has not been met.
    mutating func take(_ decoded: Record.Decoded, _ record: borrowing RawSpan) -> Bool {
        guard case .cgroup(let id, _) = decoded.record else { return false }
        guard awaited.remove(id) == nil else {
            told.insert(id)
            return false
        }
        if held.count < Self.most || held[id] != nil { held[id] = record.bytes(in: 0..<record.byteCount) }
        return true
    }

    /// Removes and returns the record of a group that is met, at the time at which it is; `nil` if it was told before, or if
    /// nothing is known of it.
    mutating func take(met id: UInt64, at time: UInt64, layout: RecordLayout) -> [UInt8]? {
        guard let bytes = held.removeValue(forKey: id) else {
            if !told.contains(id), awaited.count < Self.most { awaited.insert(id) }
            return nil
        }
        told.insert(id)
        let span = unsafe bytes.span.bytes
        guard var decoded = try? Record.decode(span, layout: layout) else { return nil }
        decoded.identity.time = time
        var record: [UInt8] = []
        return decoded.encode(into: &record, source: span, layout: layout) ? record : nil
    }
}
