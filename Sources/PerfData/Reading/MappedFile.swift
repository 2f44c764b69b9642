internal import Glibc
internal import LinuxSystem

/// A regular file, or several in a row, mapped read-only for the lifetime of the value; or inflated data in memory.
///
/// Mapped rather than read, so that the sorter keeps 16 bytes per record instead of the record. `discard(from:upTo:)`
/// releases pages that have been read, so memory stays bounded however long the session is.
@safe
struct MappedFile: ~Copyable {
    let path: String
    private let base: UnsafeRawPointer
    let count: Int
    /// The range of each file in the mapping. Each starts on a page boundary; the gap before the next is zeros.
    let parts: [Range<Int>]
    /// What `base` points to, if no file is mapped.
    private let memory: InflatedMemory?

    /// `nil` if there are no data.
    init?(inflated memory: consuming InflatedMemory, path: String) {
        memory.trim()
        guard let start = unsafe memory.start else { return nil }
        self.path = path
        unsafe base = start
        count = memory.count
        parts = [0..<count]
        self.memory = consume memory
    }

    /// Maps an open regular file; the mapping outlives the descriptor.
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
        parts = [0..<count]
        memory = nil
    }

    /// Maps the files of a directory, each at the start of a page, so that they can be treated as one file.
    init(_ directory: DataDirectory) throws(PerfDataError) {
        var files: [OpenFile] = []
        var parts: [Range<Int>] = []
        var end = 0
        for name in directory.names {
            let file = try OpenFile(directory: directory.path, name: name)
            let (sum, overflow) = end.addingReportingOverflow(file.size)
            // `RecordSorter` stores an offset in 48 bits.
            guard !overflow, sum < 1 << 47 else {
                throw .invalidDirectory(path: directory.path, reason: "its files are too large together")
            }
            parts.append(end..<sum)
            files.append(file)
            end = (sum + Self.page - 1) / Self.page * Self.page
        }
        guard let first = parts.first, !first.isEmpty else {
            throw .empty(path: directory.headerPath)
        }
        guard let area = unsafe mmap(nil, end, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            unsafe area != MAP_FAILED
        else { throw .unreadable(path: directory.path, errno: errno) }
        for (file, part) in zip(files, parts) where !part.isEmpty {
            let mapped = unsafe mmap(
                area + part.lowerBound, part.count, PROT_READ, MAP_PRIVATE | MAP_FIXED, file.descriptor.number, 0)
            if unsafe mapped == MAP_FAILED {
                let code = errno
                unsafe munmap(area, end)
                throw .unreadable(path: file.path, errno: code)
            }
            unsafe madvise(area + part.lowerBound, part.count, MADV_SEQUENTIAL)
        }
        path = directory.path
        unsafe base = UnsafeRawPointer(area)
        count = end
        self.parts = parts
        memory = nil
    }

    private static let page = 4096

    private final class OpenFile {
        let path: String
        let descriptor: OwnedDescriptor
        let size: Int

        init(directory: String, name: String) throws(PerfDataError) {
            let path = directory + "/" + name
            let descriptor: OwnedDescriptor
            do throws(FileError) {
                descriptor = try FileAccess.open(.sessionPart(directory: directory, name: name))
            } catch {
                throw PerfDataError(error, path: path)
            }
            var status = stat()
            guard unsafe fstat(descriptor.number, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
            self.path = path
            self.descriptor = descriptor
            size = max(0, status.st_size)
        }
    }

    deinit {
        guard memory == nil else { return }
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    }

    /// Calls `body` with the whole mapping, which is valid during the call only.
    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: count)
        return unsafe try body(buffer.bytes)
    }

    /// Releases a file's pages wholly between `start` and `offset`; they can still be read, only more slowly.
    func discard(from start: Int, upTo offset: Int) {
        guard memory == nil else { return }
        let first = (start + Self.page - 1) / Self.page * Self.page
        let last = min(offset, count) / Self.page * Self.page
        guard last > first else { return }
        unsafe madvise(UnsafeMutableRawPointer(mutating: base + first), last - first, MADV_DONTNEED)
    }
}
