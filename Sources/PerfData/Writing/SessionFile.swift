import Glibc
import LinuxSystem

/// The file that a session is written to. It has its name from the start, so that its contents survive if the recorder
/// is killed. `SessionWriter` truncates it to the last whole record when a write fails.
struct SessionFile: ~Copyable {
    let path: String
    /// The file created at `path`; `nil` if the caller opened the file.
    private let created: CreatedFile?
    private let given: OwnedDescriptor?
    private var reserve: OwnedDescriptor?

    /// The number of the file's descriptor.
    let number: Int32

    /// Creates the file with mode 0600; an existing file is kept as `path.old`.
    init(creating path: String) throws(SessionWriteError) {
        do throws(FileError) {
            let created = try CreatedFile(creating: path)
            guard lseek(created.descriptor.number, 0, SEEK_CUR) == 0 else { throw .notRegular }
            self.created = created
            number = created.descriptor.number
            given = nil
        } catch {
            throw SessionWriteError(error, operation: "create", path: path)
        }
        self.path = path
    }

    /// Takes an empty file that is already open; `path` is for messages only.
    init(_ descriptor: consuming OwnedDescriptor, path: String) {
        self.path = path
        number = descriptor.number
        created = nil
        given = consume descriptor
    }

    func append(_ bytes: [UInt8]) throws(SessionWriteError) {
        let code = unsafe bytes.withUnsafeBytes { unsafe Self.appendAll($0, to: number) }
        if code != 0 { throw .system(operation: "write", path: path, code: code) }
    }

    @unsafe
    func append(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) throws(SessionWriteError) {
        var pieces = unsafe (
            iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
        )
        var written: Int
        repeat {
            written = unsafe withUnsafeBytes(of: &pieces) {
                unsafe writev(number, $0.assumingMemoryBound(to: iovec.self).baseAddress, 2)
            }
        } while written < 0 && errno == EINTR
        var code = written < 0 ? errno : 0
        if code == 0, written < first.count &+ second.count {
            // A short write: writing the rest piece by piece returns the error that cut it short.
            let rest = unsafe UnsafeRawBufferPointer(rebasing: first.dropFirst(written))
            code = unsafe Self.appendAll(rest, to: number)
            let skipped = max(0, written &- first.count)
            if code == 0 {
                code = unsafe Self.appendAll(
                    UnsafeRawBufferPointer(rebasing: second.dropFirst(skipped)), to: number)
            }
        }
        if code != 0 { throw .system(operation: "write", path: path, code: code) }
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(SessionWriteError) {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(number, $0.baseAddress, $0.count, off_t(offset))
        }
        let code = errno
        if count != bytes.count { throw .system(operation: "write", path: path, code: count < 0 ? code : ENOSPC) }
    }

    /// Truncates the file and continues writing there. Best effort: errors are ignored.
    func truncate(to size: UInt64) {
        _ = ftruncate(number, off_t(size))
        _ = lseek(number, off_t(size), SEEK_SET)
    }

    /// Reserves `size` bytes of the file system in a nameless file; errors are ignored.
    mutating func hold(_ size: Int) {
        guard let held = created?.nameless() else { return }
        _ = posix_fallocate(held.number, 0, off_t(size))
        reserve = consume held
    }

    /// Frees the space that `hold` reserved, so that the final writes fit on a full disk.
    mutating func releaseHeld() {
        reserve = nil
    }

    func discard() {
        created?.discard()
    }

    /// 0 or the errno.
    @unsafe
    private static func appendAll(_ bytes: UnsafeRawBufferPointer, to number: Int32) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = unsafe Glibc.write(
                number, bytes.baseAddress.map { unsafe $0 + written }, bytes.count &- written)
            if count > 0 {
                written &+= count
            } else if count == 0 {
                return ENOSPC
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
