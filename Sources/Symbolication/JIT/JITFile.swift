internal import Glibc
internal import LinuxSystem

/// Why a file in which a JIT compiler names its code is not trusted, or not read whole.
package enum JITFileError: Error, Hashable, Sendable {
    /// A symbolic link, FIFO, directory or device.
    case notRegular
    /// It belongs to this user, who cannot have written it for this process.
    case otherOwner(UInt32)
    /// It was last written before the process began, by an earlier process with the same pid.
    case earlier
    /// It was written after the recording, so not by the recorded process.
    case later
    /// It is not the file that the process had mapped.
    case otherFile
    /// Only its beginning is read, since it is too large: names may be missing.
    case cut
}

/// A regular file that a JIT compiler left for profilers; `JITFiles` checks whether it belongs to the process.
struct JITFile: ~Copyable {
    private let descriptor: OwnedDescriptor
    let status: stat

    /// `nil` if there is no such file. Follows no symbolic link in `parts`, which below another root directory would
    /// lead astray.
    init?(directory: String, parts: [String]) throws(JITFileError) {
        guard let descriptor = try Self.opened(directory, parts) else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { return nil }
        self.descriptor = consume descriptor
        self.status = status
    }

    private static func opened(_ directory: String, _ parts: [String]) throws(JITFileError) -> OwnedDescriptor? {
        do throws(FileError) {
            return try FileAccess.open(.jit(directory: directory, parts: parts))
        } catch {
            if error == .notRegular { throw .notRegular }
            return nil
        }
    }

    var size: UInt64 { UInt64(clamping: status.st_size) }

    /// Bytes that are allocated on disk; holes are not.
    var sizeOnDisk: UInt64 { UInt64(clamping: status.st_blocks).multipliedReportingOverflow(by: 512).partialValue }

    /// When it was last written, in nanoseconds since 1970.
    var written: UInt64 {
        let (seconds, overflow) = UInt64(clamping: status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : seconds &+ UInt64(clamping: status.st_mtim.tv_nsec)
    }

    /// Up to `count` bytes from an offset on; fewer at the end of the file, none if it cannot be read.
    func bytes(at offset: UInt64, count: Int) -> [UInt8] {
        guard let start = off_t(exactly: offset), count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        var length = 0
        while length < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor.number, buffer.baseAddress.map { unsafe $0 + length }, count - length, start + length)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            length += got
        }
        bytes.removeLast(count - length)
        return bytes
    }

    /// Its lines, at most `limit` bytes of them, without the last one if the limit cuts it.
    func lines(limit: Int) -> (bytes: [UInt8], isCut: Bool) {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let piece = self.bytes(at: UInt64(bytes.count), count: min(1 << 20, limit - bytes.count))
            if piece.isEmpty { return (bytes, false) }
            bytes += piece
        }
        guard UInt64(bytes.count) < size else { return (bytes, false) }
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0
        bytes.removeLast(bytes.count - end)
        return (bytes, true)
    }
}
