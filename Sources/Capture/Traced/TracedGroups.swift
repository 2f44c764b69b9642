import CPerfEvent
import Glibc
import PerfData

/// The control groups of traced processes. A path is told once, with the id by which samples then name it.
struct TracedGroups {
    private var ids: [[UInt8]: UInt64] = [:]
    /// Those of the kernel whose path has been told.
    private var told: Set<UInt64> = []
    private var kernelTells = true
    private var hierarchy: ControlGroupPaths?

    /// Ids for groups whose directory cannot be seen; the kernel's are small numbers.
    private static let firstOwn: UInt64 = 1 << 48

    /// The id of the group that a process is in, and the record that tells of it if it is new; `nil` if it is not known. A
    /// process can be moved at any time, so its group is read each time.
    mutating func group(
        of process: Int32, at time: UInt64, identifier: UInt64
    ) -> (id: UInt64, record: [UInt8]?)? {
        // The file of /proc costs ten times as much.
        var number: UInt64 = 0
        if kernelTells {
            let result = unsafe cperf_control_group(process, &number)
            kernelTells = result >= 0 || result == -ESRCH
        }
        if kernelTells, told.contains(number) { return (number, nil) }
        guard let path = ControlGroupPaths.path(ofProcess: "\(process)") else { return nil }
        if let id = ids[path] { return (id, nil) }
        guard ids.count < MetGroups.most else { return nil }
        let hierarchy = hierarchy ?? ControlGroupPaths(.unified)
        self.hierarchy = hierarchy
        let id = hierarchy.id(of: path) ?? Self.firstOwn + UInt64(ids.count)
        ids[path] = id
        if id == number { told.insert(id) }
        let record = SyntheticRecords(time: time - min(1, time), identifier: identifier)
            .controlGroup(id: id, path: path, process: process)
        return (id, record)
    }
}
