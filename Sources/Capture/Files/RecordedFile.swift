import Glibc
import LinuxSystem
import PerfData

/// A regular file, open for reading, that can be compared with the file of a recorded mapping.
struct RecordedFile: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let status: stat

    /// `nil` if there is no such regular file. Never waits, whatever the path names. `root`: a descriptor of the root
    /// directory for the path, which it does not lead out of; `nil` for the recorder's own.
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

    /// Whether mappings of this file are recorded with this device and inode.
    ///
    /// MMAP2 has those of the file system that holds the inode. stat(2) mostly agrees, but not on overlayfs and btrfs.
    /// There the file is mapped here: /proc/self/maps shows what the record has, from the same kernel fields.
    func isSame(as file: ExecutableFile) -> Bool {
        if status.st_ino == file.inode, status.st_dev == Self.device(file.major, file.minor) { return true }
        // On these file systems both agree: it is another file.
        guard !FileAccess.tellsOneNumber(descriptor.number) else { return false }
        guard let mapped = mappedIdentity() else { return false }
        return mapped == (UInt64(file.major), UInt64(file.minor), file.inode)
    }

    /// Whether the file was changed after `moment`, in nanoseconds since 1970. Judged by st_ctim, which nobody can set
    /// and which is up to one tick of the kernel's clock early; for a deleted file by st_mtim, since deletion changes
    /// st_ctim.
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

    /// Maps a page of the file and returns the device and inode of its line in /proc/self/maps, "first-last mode offset
    /// major:minor inode path".
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
