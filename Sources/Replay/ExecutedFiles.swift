internal import ByteAccess
internal import PerfRecords
internal import Symbolication

/// The file that each exec executed: the first whose code is mapped between the COMM record that tells of an exec and
/// `sched_process_exec`. The kernel maps a program's own segments before its dynamic linker's (load_elf_binary in fs/binfmt_elf.c); a
/// script's program is its interpreter.
package struct ExecutedFiles {
    /// Processes that are between the two.
    private var executing: Set<Int32> = []
    /// The paths of files that were executed. In a mount that is attached nowhere (open_tree) a file has none.
    private var paths: [FileNumbers: String] = [:]

    /// Files that are told apart, no more.
    private static let mostPaths = 1 << 12

    /// The process and the file, where a record tells one. Asked of every mapping: mostly nobody is executing, and nothing is done.
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
            // An executable stack comes before the program.
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
