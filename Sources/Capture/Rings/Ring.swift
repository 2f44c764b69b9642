import CPerfEvent
import Glibc
import KernelPrograms
import PerfData

/// One CPU's ring buffer: the mapping that the kernel fills with records.
@safe final class Ring {
    let descriptor: Int32
    private let base: UnsafeMutableRawPointer
    private let size: Int
    private var tail: UInt64 = 0
    /// Set if an event of this ring has stack dumps.
    private var trimmer: DumpTrimmer?

    private static var pageSize: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// Maps `size` bytes (a power of two of pages) and the header page of the event `descriptor`, which stays the caller's.
    init(descriptor: Int32, size: Int) throws(RecordingError) {
        let protection = PROT_READ | PROT_WRITE
        let mapping = unsafe Privileges.raised(.ipcLock) {
            unsafe mmap(nil, size + Self.pageSize, protection, MAP_SHARED, descriptor, 0)
        }
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

    /// Adds an event of this ring that has stack dumps, all of which have one size in a recording.
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

    /// Returns a copy of the unread bytes before `head`, and marks them as read.
    func take(upTo head: UInt64) -> [UInt8] {
        guard head != tail, let pieces = RingPieces(tail: tail, head: head, size: size) else { return [] }
        let data = unsafe UnsafeRawBufferPointer(start: base + Self.pageSize, count: size)
        let bytes = unsafe Array(data[pieces.first]) + Array(data[pieces.second])
        release(upTo: head)
        return bytes
    }

    /// Lets the kernel overwrite everything before `head`.
    private func release(upTo head: UInt64) {
        tail = head
        unsafe cperf_ring_store_tail(header, head)
    }

    /// If an event has stack dumps, copies the unread records before `head`, with the dumps cut to their used part, for
    /// `drain` to write. The kernel gets the room back before the write: dumps fill a ring in a fifth of a second, and
    /// a file system may take longer.
    func copyDumps(upTo head: UInt64) {
        guard trimmer != nil, head != tail, RingPieces(tail: tail, head: head, size: size) != nil else { return }
        let data = unsafe UnsafeRawBufferPointer(start: base + Self.pageSize, count: size)
        unsafe trimmer?.copy(data, tail: tail, head: head)
        release(upTo: head)
    }

    /// Writes what `copyDumps` copied, or otherwise the unread bytes before `head`, straight from the mapping to the
    /// session: without dumps no record is looked at.
    /// - Returns: whether there was anything.
    func drain(upTo head: UInt64, into session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        if trimmer?.records.isEmpty == false {
            try session.append(trimmer?.records ?? [])
            trimmer?.clear()
            return true
        }
        guard head != tail, let pieces = RingPieces(tail: tail, head: head, size: size) else { return false }
        let data = unsafe UnsafeRawBufferPointer(start: base + Self.pageSize, count: size)
        try unsafe session.append(
            UnsafeRawBufferPointer(rebasing: data[pieces.first]),
            UnsafeRawBufferPointer(rebasing: data[pieces.second]))
        release(upTo: head)
        return true
    }
}
