import ByteAccess
import PerfRecords
import Unwinding

/// What code each process has mapped, and the files that this comes from, each with a number.
struct Processes {
    private(set) var paths: [String] = []
    private var maps: [Int32: CodeMap] = [:]

    mutating func fork(_ task: Record.Task) {
        if task.pid != task.parentPID { maps[task.pid] = maps[task.parentPID] }
    }

    mutating func forget(_ pid: Int32) { maps[pid] = nil }

    mutating func map(_ mapping: Record.Mapping, isData: Bool, in bytes: borrowing RawSpan) {
        let (end, overflow) = mapping.start.addingReportingOverflow(mapping.length)
        guard !overflow, mapping.pid >= 0 else { return }
        // Data takes the place of code: a program may be mapped as a whole, and its data over that.
        if isData { maps[mapping.pid]?.unmap(mapping.start..<end) }
        guard !isData else { return }
        let path = bytes.string(in: mapping.path)
        let image = paths.firstIndex(of: path) ?? paths.count
        if image == paths.count { paths.append(path) }
        maps[mapping.pid, default: CodeMap([])].map(
            .init(start: mapping.start, end: end, bias: mapping.fileOffset &- mapping.start, image: Int32(image)))
    }

    func codeMap(of pid: Int32) -> CodeMap { maps[pid] ?? CodeMap([]) }
}
