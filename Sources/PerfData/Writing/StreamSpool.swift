internal import Glibc
internal import LinuxSystem

/// Copies a stream into a nameless temporary file, so that it can be read like any other.
///
/// It is kept on disk, since a piped recording may be larger than the machine's memory.
enum StreamSpool {
    /// Opens a nameless file in TMPDIR or /tmp, which vanishes when its descriptor is closed.
    static func temporaryFile(for path: String) throws(PerfDataError) -> OwnedDescriptor {
        do throws(FileError) {
            return try FileAccess.open(.temporary)
        } catch {
            var code = EACCES
            if case .system(let number) = error { code = number }
            throw .notSpooled(path: path, directory: Self.directory, errno: code)
        }
    }

    static var directory: String {
        unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    }

    /// Copies `source` up to its end.
    static func spool(_ source: borrowing OwnedDescriptor, path: String) throws(PerfDataError) -> OwnedDescriptor {
        let copy = try temporaryFile(for: path)
        try copyAll(source.number, to: copy.number, path: path, directory: directory)
        return copy
    }

    /// Limits for an endless stream: at most `most` bytes are kept, and 1/`freeShare` of the file system is left free.
    private static let most: UInt64 = 64 << 30
    private static let freeShare: UInt64 = 16

    /// 0, or the errno to report if no more may be written to the file.
    private static func refusal(_ file: Int32, after size: UInt64) -> Int32 {
        guard size < most else { return EFBIG }
        var status = statvfs()
        guard unsafe fstatvfs(file, &status) == 0 else { return 0 }
        return status.f_bavail < status.f_blocks / UInt(freeShare) ? ENOSPC : 0
    }

    /// Copies to the end of `source`; throws at once if its first bytes are not a perf.data magic.
    private static func copyAll(
        _ source: Int32, to copy: Int32, path: String, directory: String
    ) throws(PerfDataError) {
        var start: [UInt8] = []
        var size: UInt64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { unsafe buffer.deallocate() }
        while true {
            let count = unsafe read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, errno: errno) }
            guard count > 0 else { return }
            if start.count < FileHeader.magicSize {
                let wanted = min(count, FileHeader.magicSize - start.count)
                unsafe start.append(contentsOf: UnsafeRawBufferPointer(buffer).prefix(wanted))
                guard FileHeader.isMagic(prefix: start) else { throw .foreign(path: path) }
            }
            // Check the limits every 16 MiB.
            if size >> 24 != (size + UInt64(count)) >> 24 {
                let code = refusal(copy, after: size)
                guard code == 0 else { throw .notSpooled(path: path, directory: directory, errno: code) }
            }
            size += UInt64(count)
            var written = 0
            while written < count {
                let result = unsafe write(copy, buffer.baseAddress.map { unsafe $0 + written }, count - written)
                if result < 0, errno == EINTR { continue }
                guard result > 0 else { throw .notSpooled(path: path, directory: directory, errno: errno) }
                written += result
            }
        }
    }
}
