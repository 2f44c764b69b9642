import Glibc
import LinuxSystem
import PerfData

/// A regular file that is open for reading, and whether it is the one that a mapping was of.
struct RecordedFile: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let status: stat

    /// `nil` where there is no such regular file. Nothing that a path may name makes this wait. `root`: a descriptor of the directory
    /// that the path begins at and does not lead out of; `nil` for the recorder's own.
    init?(path: [UInt8], root: Int32? = nil) {
        guard let descriptor = FileAccess.openRegular(path, inRoot: root) else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { return nil }
        self.descriptor = consume descriptor
        self.status = status
    }

    /// Gives the descriptor away: the caller closes it.
    consuming func release() -> Int32 { descriptor.release() }

    /// Leads to this very file, whatever its own path leads to by now.
    var stablePath: String { "/proc/self/fd/\(descriptor.number)" }

    /// Whether mappings of this file are told with this device and inode.
    ///
    /// MMAP2 has those of the file system that holds the inode. stat(2) mostly says the same, but overlayfs and btrfs show
    /// others there; /proc/self/maps of a mapping of ours comes from the same fields of the kernel as the record.
    func isSame(as file: ExecutableFile) -> Bool {
        if status.st_ino == file.inode, status.st_dev == Self.device(file.major, file.minor) { return true }
        // There both say the same: a file that is another needs no look.
        guard !FileAccess.tellsOneNumber(descriptor.number) else { return false }
        guard let mapped = mappedIdentity() else { return false }
        return mapped == (UInt64(file.major), UInt64(file.minor), file.inode)
    }

    /// Whether it was written to, or changed in another way, behind a moment: nanoseconds since 1970. Its time is the one that
    /// nobody can set (st_ctim), and it is up to a tick of the kernel's clock early. Of a file without a name it is the one of its
    /// contents: the other is when it lost the name.
    func wasChanged(after moment: UInt64) -> Bool {
        let changed = status.st_nlink == 0 ? status.st_mtim : status.st_ctim
        let seconds = UInt64(clamping: changed.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return seconds.overflow || seconds.partialValue &+ UInt64(clamping: changed.tv_nsec) > moment
    }

    /// gnu_dev_makedev(3).
    private static func device(_ major: UInt32, _ minor: UInt32) -> UInt64 {
        let (major, minor) = (UInt64(major), UInt64(minor))
        return minor & 0xff | (major & 0xfff) << 8 | (minor & ~0xff) << 12 | (major & ~0xfff) << 32
    }

    /// Device and inode in the line "first-last mode offset major:minor inode path" of a page of it.
    private func mappedIdentity() -> (UInt64, UInt64, UInt64)? {
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mapping = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { return nil }
        defer { unsafe _ = munmap(mapping, size) }
        guard let maps = try? SystemFile.bytes("/proc/self/maps") else { return nil }
        let start = String(UInt(bitPattern: mapping), radix: 16)
        return Self.identity(maps: maps, start: start)
    }

    static func identity(maps: [UInt8], start: String) -> (UInt64, UInt64, UInt64)? {
        for line in maps.split(separator: UInt8(ascii: "\n")) where line.starts(with: "\(start)-".utf8) {
            let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard fields.count >= 5, let inode = UInt64(fields[4]) else { return nil }
            let device = fields[3].split(separator: ":").compactMap { UInt64($0, radix: 16) }
            return device.count == 2 ? (device[0], device[1], inode) : nil
        }
        return nil
    }
}
