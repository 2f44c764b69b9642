import ByteAccess
import PerfRecords

/// A file that a process had mapped executable, as identified by MMAP2 records.
package struct ExecutableFile: Hashable, Sendable {
    /// The path in the process's mount namespace, as bytes of unknown encoding.
    package var path: [UInt8]
    /// Device number of the file system that holds the inode, as in /proc/PID/maps. stat(2) shows other numbers for
    /// overlayfs and btrfs.
    package var major: UInt32
    package var minor: UInt32
    package var inode: UInt64
    package var generation: UInt64
    /// When it was first mapped, in nanoseconds of the events' clock; 0 if the record has no time.
    package var mappedAt: UInt64

    package init(
        path: [UInt8], major: UInt32, minor: UInt32, inode: UInt64, generation: UInt64, mappedAt: UInt64 = 0
    ) {
        self.path = path
        self.major = major
        self.minor = minor
        self.inode = inode
        self.generation = generation
        self.mappedAt = mappedAt
    }
}

extension RecordScan {
    /// At most this many files are kept; the workload determines how many there are.
    static let mostFiles = 1 << 14

    /// The distinct files that `roots` (`nil`: any process) and their descendants had mapped executable, in order of
    /// first appearance. `identitySize`: bytes of each record's trailer; `timeDistance`: from its time to its end.
    func executableFiles(roots: Set<Int32>?, identitySize: Int, timeDistance: Int) -> [ExecutableFile] {
        let lineage = roots.map(lineage)
        var files: [ExecutableFile] = []
        // Indices in `files` by a hash of the record's fields, so that looking up a known file allocates nothing.
        var known: [UInt64: Int] = [:]
        run { bytes, type, record in
            guard type == .mmap2, let mapping = MappingFields(bytes, record, identitySize),
                lineage?.contains(mapping.pid) ?? true
            else { return }
            let time = timeDistance > 0 ? bytes.load(UInt64.self, at: record.upperBound &- timeDistance) ?? 0 : 0
            var hash = mapping.hash(bytes)
            while let index = known[hash] {
                if mapping.isOf(files[index], bytes) {
                    // The rings are drained one by one: an earlier mapping may follow a later one in the file.
                    files[index].mappedAt = min(files[index].mappedAt, time)
                    return
                }
                hash &+= 1
            }
            guard files.count < Self.mostFiles else { return }
            known[hash] = files.count
            files.append(mapping.file(bytes, mappedAt: time))
        }
        return files
    }

    /// `roots` and all their descendants, according to the FORK records `{ header; u32 pid, ppid; … }`. A reused pid
    /// can make the set too large, never too small.
    private func lineage(of roots: Set<Int32>) -> Set<Int32> {
        var forks: [(child: Int32, parent: Int32)] = []
        run { bytes, type, record in
            guard type == .fork, let child = bytes.load(Int32.self, at: record.lowerBound &+ 8),
                let parent = bytes.load(Int32.self, at: record.lowerBound &+ 12), child != parent
            else { return }
            forks.append((child, parent))
        }
        var lineage = roots
        // The rings are drained one by one, so a grandchild's FORK may precede the child's: another pass finds it.
        for _ in 0..<16 {
            let count = lineage.count
            for fork in forks where lineage.contains(fork.parent) { lineage.insert(fork.child) }
            if lineage.count == count { break }
        }
        return lineage
    }
}

/// The fixed fields of an MMAP2 record of executable memory, and the range of its path.
private struct MappingFields {
    let pid: Int32
    private let major: UInt32
    private let minor: UInt32
    private let inode: UInt64
    private let generation: UInt64
    private let path: Range<Int>

    /// `nil` if the memory is not executable or not mapped from a file (`[vdso]`, `//anon`).
    init?(_ bytes: borrowing RawSpan, _ record: Range<Int>, _ identitySize: Int) {
        let start = record.lowerBound
        // `protection & 4` is PROT_EXEC of mmap(2).
        guard record.count &- identitySize > 72, let pid = bytes.load(Int32.self, at: start &+ 8),
            let major = bytes.load(UInt32.self, at: start &+ 40), let minor = bytes.load(UInt32.self, at: start &+ 44),
            let inode = bytes.load(UInt64.self, at: start &+ 48),
            let generation = bytes.load(UInt64.self, at: start &+ 56),
            let protection = bytes.load(UInt32.self, at: start &+ 64), protection & 4 != 0,
            bytes.load(UInt8.self, at: start &+ 72) == UInt8(ascii: "/"),
            bytes.load(UInt8.self, at: start &+ 73) != UInt8(ascii: "/")
        else { return nil }
        (self.pid, self.major, self.minor, self.inode, self.generation) = (pid, major, minor, inode, generation)
        path = start &+ 72..<record.upperBound &- identitySize
    }

    /// Hashes the path in 8-byte words: the kernel pads it with zeros to whole words.
    func hash(_ bytes: borrowing RawSpan) -> UInt64 {
        var hash = inode ^ generation << 32 ^ UInt64(major) << 48 ^ UInt64(minor)
        var offset = path.lowerBound
        while offset < path.upperBound {
            hash = (hash ^ (bytes.load(UInt64.self, at: offset) ?? 0)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            offset &+= 8
        }
        return hash
    }

    func isOf(_ file: ExecutableFile, _ bytes: borrowing RawSpan) -> Bool {
        guard inode == file.inode, generation == file.generation, major == file.major, minor == file.minor,
            file.path.count < path.count, bytes.load(UInt8.self, at: path.lowerBound &+ file.path.count) == 0
        else { return false }
        for (index, byte) in file.path.enumerated() where bytes.load(UInt8.self, at: path.lowerBound &+ index) != byte {
            return false
        }
        return true
    }

    func file(_ bytes: borrowing RawSpan, mappedAt: UInt64) -> ExecutableFile {
        let text = bytes.bytes(in: path.lowerBound..<path.lowerBound &+ bytes.stringLength(in: path))
        return ExecutableFile(
            path: text, major: major, minor: minor, inode: inode, generation: generation, mappedAt: mappedAt)
    }
}
