internal import Glibc
package import LinuxSystem

/// A finished session in perf's pipe mode, which needs no seeking: a header of 16 bytes, then only records
/// (tools/perf/Documentation/perf.data-file-format.txt, "Pipe-mode data").
///
///     "PERFILE2", u64 16 │ HEADER_ATTR, EVENT_UPDATE … │ HEADER_TRACING_DATA, its payload │ HEADER_BUILD_ID … │
///     HEADER_FEATURE … │ our metadata │ the data, unchanged
///
/// A recording is spooled to a nameless file first and streamed when it has ended. So a slow or vanished reader costs
/// no events, and the stream can begin with what is known only at the end.
package final class PipeStream {
    private let spool: OwnedDescriptor

    /// The /proc path through which the session is written; the file itself is nameless, in TMPDIR or /tmp.
    package var path: String { "/proc/self/fd/\(spool.number)" }

    package init() throws(PerfDataError) {
        spool = try StreamSpool.temporaryFile(for: "the session")
    }

    package func duplicate() throws(FileError) -> OwnedDescriptor { try FileAccess.duplicate(spool.number) }

    /// The file's descriptor, valid in this process and in children that inherit it.
    package var number: Int32 { spool.number }

    /// Writes the session to a descriptor; returns the number of bytes written.
    package func send(to number: Int32) throws(SessionWriteError) -> UInt64 {
        let result: (count: UInt64, code: Int32)
        do throws(PerfDataError) {
            let file = try MappedFile(spool, path: path)
            result = try file.withBytes { bytes throws(PerfDataError) in try Self.send(bytes, path, to: number) }
        } catch {
            throw .system(operation: "read back", path: "the session", code: EIO)
        }
        guard result.code == 0 else {
            throw .system(operation: "write to", path: "standard output", code: result.code)
        }
        return result.count
    }

    private static func send(
        _ bytes: borrowing RawSpan, _ path: String, to number: Int32
    ) throws(PerfDataError) -> (count: UInt64, code: Int32) {
        let header = try FileHeader(bytes, path: path)
        guard let data = header.data, data.range.upperBound <= bytes.byteCount else {
            throw .invalidHeader(path: path, offset: 40, reason: "the data lie outside the file")
        }
        let start = try Self.start(bytes, header, path)
        var code = unsafe start.withUnsafeBytes { unsafe appendAll($0, to: number) }
        if code == 0 {
            code = unsafe bytes.extracting(data.range).withUnsafeBytes { unsafe appendAll($0, to: number) }
        }
        return (UInt64(start.count) &+ UInt64(data.size), code)
    }

    /// 0 or the errno.
    @unsafe
    private static func appendAll(_ bytes: UnsafeRawBufferPointer, to number: Int32) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = unsafe write(number, bytes.baseAddress.map { unsafe $0 + written }, bytes.count &- written)
            if count > 0 {
                written &+= count
            } else if count == 0 || errno != EINTR {
                return count == 0 ? ENOSPC : errno
            }
        }
        return 0
    }
}
