internal import ByteAccess
internal import PerfRecords
internal import Symbolication

/// The file that each exec executed: the first whose code is mapped between the COMM record of the exec and
/// `sched_process_exec`. The kernel maps a program's own segments before its dynamic linker's (load_elf_binary in
/// fs/binfmt_elf.c). The program of a script is its interpreter.
struct ExecutedFiles {
    /// Processes that are between these two events.
    private var executing: Set<Int32> = []
    /// The paths of executed files. A file in a mount that is attached nowhere (open_tree) is mapped without one.
    private var paths: [FileNumbers: String] = [:]

    /// At most this many paths are kept.
    private static let mostPaths = 1 << 12

    /// The process and the file that it executes, if the record shows it. Called for every mapping: usually no process
    /// is executing, and there is nothing to do.
    mutating func take(_ decoded: Record.Decoded, _ header: RecordHeader, of record: borrowing RawSpan)
        -> (process: Int32, file: String)?
    {
        switch decoded.record {
        case .comm(let comm) where header.misc.isCommExec: executing.insert(comm.pid)
        case .exit(let task) where task.pid == task.tid: executing.remove(task.pid)
        case .mmap(let mapping):
            guard !executing.isEmpty, executing.contains(mapping.pid), !header.misc.isMapOfData,
                mapping.version2.map({ $0.protection & 4 != 0 }) ?? true
            else { return nil }
            let path = record.string(in: mapping.path)
            // The mapping of an executable stack comes before the program's.
            guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
            executing.remove(mapping.pid)
            var numbers: FileNumbers?
            if case .inode(let major, let minor, let inode, _) = mapping.version2?.identity {
                numbers = FileNumbers(major: major, minor: minor, inode: inode)
            }
            guard path == "/" else {
                if let numbers, paths.count < Self.mostPaths { paths[numbers] = path }
                return (mapping.pid, path)
            }
            return numbers.flatMap { paths[$0] }.map { (mapping.pid, $0) }
        default: break
        }
        return nil
    }
}
