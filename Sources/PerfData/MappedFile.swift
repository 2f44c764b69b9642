internal import Glibc

/// A regular file, mapped read-only for as long as the value lives.
///
/// Mapped rather than read: the sorter then keeps 16 bytes a record instead of the record, and the pages go back to the
/// kernel once they are behind (`discard(upTo:)`), so memory stays flat however long the session is.
@safe
struct MappedFile: ~Copyable {
    let path: String
    private let base: UnsafeRawPointer
    let count: Int

    init(path: String) throws(PerfDataError) {
        // O_NONBLOCK: a FIFO must be refused, not waited for.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .directory(path: path)
        default: throw .notRegular(path: path)
        }
        guard status.st_size > 0 else { throw .empty(path: path) }
        guard let mapped = unsafe mmap(nil, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0),
            unsafe mapped != MAP_FAILED
        else { throw .unreadable(path: path, errno: errno) }
        unsafe madvise(mapped, status.st_size, MADV_SEQUENTIAL)
        self.path = path
        unsafe base = UnsafeRawPointer(mapped)
        count = status.st_size
    }

    deinit {
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    }

    /// The whole file, for the duration of the call.
    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: count)
        return unsafe try body(buffer.bytes)
    }

    /// Gives the pages wholly below `offset` back; reading them again is allowed and merely slow.
    func discard(from start: Int, upTo offset: Int) {
        let page = 4096
        let first = (start + page - 1) / page * page
        let last = min(offset, count) / page * page
        guard last > first else { return }
        unsafe madvise(UnsafeMutableRawPointer(mutating: base + first), last - first, MADV_DONTNEED)
    }
}
