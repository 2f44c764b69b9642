internal import ByteAccess
internal import PerfRecords
package import Session

/// The control groups of a session, by the ids that its samples have: what CGROUP records tell of them.
package struct ControlGroups {
    private var names: [UInt64: ControlGroupName] = [:]

    /// The most groups of a session; those that come later have no names.
    private static let most = 1 << 16

    package init() {}

    mutating func take(_ decoded: Record.Decoded, of record: borrowing RawSpan) {
        guard case .cgroup(let id, let path) = decoded.record, names.count < Self.most else { return }
        let length = record.stringLength(in: path)
        // A part of a path could name another group.
        guard length > 0, length < ControlGroupName.longestPath else { return }
        names[id] = ControlGroupName(path: record.string(in: path.lowerBound..<path.lowerBound + length))
    }

    /// `nil` if no record tells of it.
    package subscript(id: UInt64?) -> ControlGroupName? { id.flatMap { names[$0] } }
}
