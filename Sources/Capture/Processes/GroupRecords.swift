import PerfData

/// CGROUP records of the control groups that were met: the path of each, as far as it can still be found.
struct GroupRecords {
    /// Made when the first is met.
    private var paths: ControlGroupPaths?
    private var isFull = false

    /// Each is a nanosecond older than the first record of its group: who reads on the way knows it by then.
    mutating func records(_ met: (new: [MetGroups.New], isFull: Bool), identifier: UInt64) -> [UInt8] {
        isFull = met.isFull
        guard !met.new.isEmpty else { return [] }
        var older: [UInt64: Int32] = [:]
        for group in met.new where group.path == nil { older[group.id] = group.process }
        var paths = paths ?? ControlGroupPaths(.unified)
        let found = older.isEmpty ? [:] : paths.paths(of: older)
        self.paths = paths
        var bytes: [UInt8] = []
        for group in met.new {
            guard let path = group.path ?? found[group.id] else { continue }
            bytes += SyntheticRecords(time: group.time - min(1, group.time), identifier: identifier)
                .controlGroup(id: group.id, path: path, process: group.process)
        }
        return bytes
    }

    var notes: [String] { isFull || paths?.wasCut == true ? [Self.note] : [] }

    static let note =
        "there are more than \(MetGroups.most) control groups: containers and units of some spawns are not known"
}
