import LinuxSystem
import PerfData

/// A process that was created before the recording. What procfs shows of it becomes the records that its history would
/// have left.
struct EarlierProcess {
    let pid: Int32
    let parent: Int32

    /// FORK and COMM of the process and its threads, MMAP2 of its executable mappings; empty if it has ended.
    func records(_ records: SyntheticRecords) -> [UInt8] {
        guard let name = Self.name("/proc/\(pid)/comm") else { return [] }
        var bytes = records.existing(pid: pid, parent: parent)
        bytes += records.comm(pid: pid, name: name)
        for thread in DirectoryEntries.numbers(in: "/proc/\(pid)/task") where thread != pid {
            guard let name = Self.name("/proc/\(pid)/task/\(thread)/comm") else { continue }
            bytes += records.existing(pid: pid, thread: thread, parent: pid)
            bytes += records.comm(pid: pid, thread: thread, name: name)
        }
        return bytes + Self.mappings(of: pid, in: Self.maps(of: pid), records).records
    }

    static func maps(of process: Int32) -> [UInt8] { (try? SystemFile.bytes("/proc/\(process)/maps")) ?? [] }

    /// MMAP2 of each executable mapping in what `maps` shows, and a number that is the same as long as these are.
    static func mappings(
        of process: Int32, in maps: [UInt8], _ records: SyntheticRecords
    ) -> (records: [UInt8], identity: Int) {
        var bytes: [UInt8] = []
        var identity = Hasher()
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            guard let mapping = executableMapping(line) else { continue }
            identity.combine(mapping)
            bytes += records.map(pid: process, mapping)
        }
        return (bytes, identity.finalize())
    }

    private static func name(_ path: String) -> [UInt8]? {
        guard let name = try? SystemFile.bytes(path, limit: 64) else { return nil }
        return name.last == UInt8(ascii: "\n") ? name.dropLast() : name
    }

    /// "start-end rwxp offset major:minor inode   path" (proc_pid_maps(5)); `nil` if the mapping is not executable.
    static func executableMapping(_ line: ArraySlice<UInt8>) -> SyntheticRecords.Mapping? {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
        guard fields.count >= 5 else { return nil }
        let texts = fields.prefix(5).map { String(decoding: $0, as: UTF8.self) }
        let range = texts[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
        let mode = Array(fields[1])
        let device = texts[3].split(separator: ":").compactMap { UInt32($0, radix: 16) }
        guard range.count == 2, range[0] < range[1], mode.count == 4, mode[2] == UInt8(ascii: "x"), device.count == 2,
            let offset = UInt64(texts[2], radix: 16), let inode = UInt64(texts[4])
        else { return nil }
        var mapping = SyntheticRecords.Mapping()
        mapping.start = range[0]
        mapping.length = range[1] - range[0]
        mapping.fileOffset = offset
        mapping.major = device[0]
        mapping.minor = device[1]
        mapping.inode = inode
        // PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4; MAP_SHARED 1, MAP_PRIVATE 2
        mapping.protection = (mode[0] == UInt8(ascii: "r") ? 1 : 0) | (mode[1] == UInt8(ascii: "w") ? 2 : 0) | 4
        mapping.flags = mode[3] == UInt8(ascii: "s") ? 1 : 2
        // The kernel's own records use this name for anonymous memory.
        let path = fields.count > 5 ? fields[5].drop { $0 == UInt8(ascii: " ") } : []
        mapping.path = path.isEmpty ? Array("//anon".utf8) : unescaped(path)
        return mapping
    }

    /// A newline in a path is written as `\012`; nothing else is escaped.
    private static func unescaped(_ path: ArraySlice<UInt8>) -> [UInt8] {
        let escaped = Array(#"\012"#.utf8)
        var result: [UInt8] = []
        var rest = path
        while let byte = rest.first {
            if rest.starts(with: escaped) {
                result.append(UInt8(ascii: "\n"))
                rest = rest.dropFirst(escaped.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
