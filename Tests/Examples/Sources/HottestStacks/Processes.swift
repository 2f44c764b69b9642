import ByteAccess
import PerfRecords
import Unwinding

/// What each process has mapped, and the files that this comes from, each with a number.
struct Processes {
    private(set) var paths: [String] = []
    private var mappings: [Int32: [CodeMap.Mapping]] = [:]

    mutating func fork(_ task: Record.Task) {
        if task.pid != task.parentPID { mappings[task.pid] = mappings[task.parentPID] }
    }

    mutating func forget(_ pid: Int32) { mappings[pid] = nil }

    mutating func map(_ mapping: Record.Mapping, in bytes: borrowing RawSpan) {
        let path = bytes.string(in: mapping.path)
        let image = paths.firstIndex(of: path) ?? paths.count
        if image == paths.count { paths.append(path) }
        let (end, overflow) = mapping.start.addingReportingOverflow(mapping.length)
        guard !overflow, mapping.pid >= 0 else { return }
        // A new mapping takes the place of what it lies on.
        mappings[mapping.pid, default: []].removeAll { $0.start < end && mapping.start < $0.end }
        mappings[mapping.pid, default: []].append(
            CodeMap.Mapping(
                start: mapping.start, end: end, bias: mapping.fileOffset &- mapping.start, image: Int32(image)))
    }

    func codeMap(of pid: Int32) -> CodeMap { CodeMap(mappings[pid] ?? []) }
}
