import CPerfEvent
import Glibc
import PerfData

/// One CPU's ring buffer: the mapping that the kernel fills with records.
@safe final class Ring {
    let descriptor: Int32
    private let base: UnsafeMutableRawPointer
    private let size: Int
    private var tail: UInt64 = 0
    /// Set where an event of this ring has stack dumps.
    private var trimmer: DumpTrimmer?

    private static var pageSize: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// Maps `size` bytes (a power of two of pages) and the header page of the event `descriptor`, which stays the caller's.
    init(descriptor: Int32, size: Int) throws(RecordingError) {
        let protection = PROT_READ | PROT_WRITE
        let mapping = unsafe mmap(nil, size + Self.pageSize, protection, MAP_SHARED, descriptor, 0)
        let code = errno
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            throw code == EPERM || code == EAGAIN
                ? .lockedMemory(ringSize: size) : .system(operation: "map a ring buffer of \(size) bytes", code: code)
        }
        self.descriptor = descriptor
        self.size = size
        unsafe base = mapping
    }

    deinit {
        unsafe _ = munmap(base, size + Self.pageSize)
    }

    /// An event that writes to the ring has stack dumps, of the one size that a recording has.
    func trim(identifier: UInt64, dumpSize: Int) {
        if trimmer == nil {
            trimmer = DumpTrimmer(identifier: identifier, dumpSize: dumpSize)
        } else {
            trimmer?.add(identifier: identifier)
        }
    }

    private var header: UnsafeMutablePointer<perf_event_mmap_page> {
        unsafe base.assumingMemoryBound(to: perf_event_mmap_page.self)
    }

    /// How far the kernel has written.
    func head() -> UInt64 { unsafe cperf_ring_load_head(header) }

    /// Bytes unread before `head`.
    func unread(upTo head: UInt64) -> UInt64 { head &- tail }

    /// A copy of what is unread before `head`, which is then read.
    func take(upTo head: UInt64) -> [UInt8] {
        guard head != tail, let pieces = RingPieces(tail: tail, head: head, size: size) else { return [] }
        let data = unsafe UnsafeRawBufferPointer(start: base + Self.pageSize, count: size)
        let bytes = unsafe Array(data[pieces.first]) + Array(data[pieces.second])
        tail = head
        unsafe cperf_ring_store_tail(header, head)
        return bytes
    }

    /// Writes what is unread before `head` straight from the mapping to the session. No record is looked at, except where one
    /// event has stack dumps: then each one's header, to leave out what is behind the dumps' used part.
    /// - Returns: whether there was anything.
    func drain(upTo head: UInt64, into session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        guard head != tail, let pieces = RingPieces(tail: tail, head: head, size: size) else { return false }
        let data = unsafe UnsafeRawBufferPointer(start: base + Self.pageSize, count: size)
        if trimmer != nil {
            unsafe trimmer?.copy(data, tail: tail, head: head)
            try session.append(trimmer?.records ?? [])
        } else {
            try unsafe session.append(
                UnsafeRawBufferPointer(rebasing: data[pieces.first]),
                UnsafeRawBufferPointer(rebasing: data[pieces.second]))
        }
        tail = head
        unsafe cperf_ring_store_tail(header, head)
        return true
    }
}
