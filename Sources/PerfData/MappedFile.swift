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

    /// `-` is standard input; it and FIFOs are copied to a temporary file first.
    init(path: String) throws(PerfDataError) {
        try self.init(Self.openRegular(path), path: path)
    }

    /// The contents of a regular file that is open; the mapping outlives the descriptor.
    init(_ descriptor: borrowing OwnedDescriptor, path: String) throws(PerfDataError) {
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        guard status.st_size > 0 else { throw .empty(path: path) }
        guard let mapped = unsafe mmap(nil, status.st_size, PROT_READ, MAP_PRIVATE, descriptor.number, 0),
            unsafe mapped != MAP_FAILED
        else { throw .unreadable(path: path, errno: errno) }
        unsafe madvise(mapped, status.st_size, MADV_SEQUENTIAL)
        self.path = path
        unsafe base = UnsafeRawPointer(mapped)
        count = status.st_size
    }

    private static func openRegular(_ path: String) throws(PerfDataError) -> OwnedDescriptor {
        let number = path == "-" ? dup(0) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw .unreadable(path: path, errno: errno) }
        let descriptor = OwnedDescriptor(number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFREG { return descriptor }
        guard kind != S_IFDIR else { throw .directory(path: path) }
        guard kind == S_IFIFO || path == "-" else { throw .notRegular(path: path) }
        return try StreamSpool.spool(descriptor, path: path)
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
