import Glibc

/// The file behind a session: created 0600 beside its predecessor, written to the last byte or not at all.
struct SessionFile: ~Copyable {
    let path: String
    private let descriptor: OwnedDescriptor
    private let keptOld: Bool
    private var reserve: OwnedDescriptor?

    static func oldPath(_ path: String) -> String { path + ".old" }

    init(creating path: String) throws(SessionWriteError) {
        var keptOld = false
        var flags = O_WRONLY | O_CREAT | O_CLOEXEC
        switch Self.kind(of: path) {
        case S_IFDIR:
            throw .isDirectory(path: path)
        case S_IFREG where path.hasPrefix("/proc/self/fd/"):
            // A file that is open already has no other name to be kept under.
            flags = O_WRONLY | O_TRUNC | O_CLOEXEC
        case S_IFREG where Self.isLinkToStandardStream(path):
            // /dev/stderr of a redirected recorder: renaming it would take it from the whole machine.
            throw .notSeekable(path: path)
        case S_IFREG, S_IFLNK:
            guard unsafe rename(path, Self.oldPath(path)) == 0 else {
                throw .system(operation: "keep the existing file as .old:", path: path, code: errno)
            }
            keptOld = true
            flags |= O_EXCL
        case S_IFCHR, S_IFBLK:
            // A device stays where it is; /dev/null is a fair choice for a measurement.
            break
        case nil:
            flags |= O_EXCL
        default:
            throw .notSeekable(path: path)
        }
        let number = unsafe open(path, flags, 0o600)
        let code = errno
        guard number >= 0 else {
            if keptOld { _ = unsafe rename(Self.oldPath(path), path) }
            throw .system(operation: "create", path: path, code: code)
        }
        guard lseek(number, 0, SEEK_CUR) == 0 else {
            _ = close(number)
            throw .notSeekable(path: path)
        }
        self.path = path
        self.keptOld = keptOld
        descriptor = OwnedDescriptor(number)
    }

    /// The S_IFMT bits of what `path` leads to, S_IFLNK for a link that leads nowhere, `nil` when there is nothing.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status.st_mode & S_IFMT }
        return unsafe lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private static func isLinkToStandardStream(_ path: String) -> Bool {
        var (link, target, stream) = (stat(), stat(), stat())
        guard unsafe lstat(path, &link) == 0, link.st_mode & S_IFMT == S_IFLNK, unsafe stat(path, &target) == 0 else {
            return false
        }
        return (0...2).contains { number in
            unsafe fstat(number, &stream) == 0 && stream.st_ino == target.st_ino && stream.st_dev == target.st_dev
        }
    }

    func append(_ bytes: [UInt8]) throws(SessionWriteError) {
        let code = unsafe bytes.withUnsafeBytes { unsafe Self.appendAll($0, to: descriptor.number) }
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
                unsafe writev(descriptor.number, $0.assumingMemoryBound(to: iovec.self).baseAddress, 2)
            }
        } while written < 0 && errno == EINTR
        var code = written < 0 ? errno : 0
        if code == 0, written < first.count &+ second.count {
            // A short write: what is left goes out piece by piece, and meets the error that cut it short.
            let rest = unsafe UnsafeRawBufferPointer(rebasing: first.dropFirst(written))
            code = unsafe Self.appendAll(rest, to: descriptor.number)
            let skipped = max(0, written &- first.count)
            if code == 0 {
                code = unsafe Self.appendAll(
                    UnsafeRawBufferPointer(rebasing: second.dropFirst(skipped)), to: descriptor.number)
            }
        }
        if code != 0 { throw .system(operation: "write", path: path, code: code) }
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(SessionWriteError) {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(descriptor.number, $0.baseAddress, $0.count, off_t(offset))
        }
        let code = errno
        if count != bytes.count { throw .system(operation: "write", path: path, code: count < 0 ? code : ENOSPC) }
    }

    /// Cuts the file and goes on writing there; best effort, as it follows a failure that is reported already.
    func truncate(to size: UInt64) {
        _ = ftruncate(descriptor.number, off_t(size))
        _ = lseek(descriptor.number, off_t(size), SEEK_SET)
    }

    /// Takes `size` bytes of the file system for later, in a file without a name; none where that fails.
    mutating func hold(_ size: Int) {
        guard Self.kind(of: self.path) == S_IFREG else { return }
        let path = path + ".reserve"
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else { return }
        _ = unsafe unlink(path)
        _ = posix_fallocate(number, 0, off_t(size))
        reserve = OwnedDescriptor(number)
    }

    /// Gives back what `hold` took, for what must still be written to a full disk.
    mutating func releaseHeld() {
        reserve = nil
    }

    func discard() {
        guard Self.kind(of: path) == S_IFREG else { return }
        _ = unsafe unlink(path)
        if keptOld { _ = unsafe rename(Self.oldPath(path), path) }
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
