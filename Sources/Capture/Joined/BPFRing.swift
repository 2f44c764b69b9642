import CPerfEvent
import Glibc
import KernelPrograms

/// A BPF ring buffer (BPF_MAP_TYPE_RINGBUF), which all CPUs share: its records come in the order in which their room was
/// reserved.
@safe final class BPFRing {
    let descriptor: Int32
    private let size: Int
    private var pages = unsafe cperf_bpf_ring()
    private var consumed: UInt64 = 0

    /// A record not written yet, and one given back (linux/bpf.h).
    private static let busy: UInt32 = 1 << 31
    private static let discarded: UInt32 = 1 << 30
    /// `{ u32 length and flags; u32 page_offset; }` before each record.
    private static let headerSize = 8
    /// A short recording reads little of the ring, and to map all of it takes milliseconds: it is mapped in steps.
    private static let step = 1 << 20

    /// `map` stays the caller's.
    init(map: Int32, size: Int) throws(BPFProgramError) {
        let result = unsafe cperf_bpf_map_ring(map, size, &pages)
        guard result >= 0 else { throw .system(code: -result) }
        descriptor = map
        self.size = size
    }

    deinit { unsafe cperf_bpf_unmap_ring(&pages, size) }

    /// Bytes that may be unread.
    var unread: UInt64 { unsafe cperf_load_acquire_64(pages.producer) &- consumed }

    /// Calls `take` with each record that is complete, up to those that had room when it was called, and gives their
    /// room back.
    func drain(_ take: (RawSpan) -> Void) {
        let end = unsafe cperf_load_acquire_64(pages.producer)
        while consumed != end {
            let offset = Int(consumed & UInt64(size - 1))
            guard isMapped(until: offset + Self.headerSize) else { break }
            let start = unsafe pages.data + offset
            let header = unsafe UnsafeRawPointer(start).assumingMemoryBound(to: UInt32.self)
            let word = unsafe cperf_load_acquire_32(header)
            guard word & Self.busy == 0 else { break }
            let length = Int(word & ~(Self.busy | Self.discarded))
            guard length <= size, isMapped(until: offset + Self.headerSize + length) else { break }
            if word & Self.discarded == 0 {
                let bytes = unsafe UnsafeRawBufferPointer(start: start + Self.headerSize, count: length)
                unsafe take(bytes.bytes)
            }
            consumed &+= UInt64((length + Self.headerSize + 7) & ~7)
        }
        unsafe cperf_store_release_64(pages.consumer, consumed)
    }

    /// Maps what is not. Without memory for that nothing more is read, and what finds no room is counted as lost.
    private func isMapped(until end: Int) -> Bool {
        guard unsafe end > pages.mapped else { return true }
        let next = min((end + Self.step - 1) / Self.step * Self.step, 2 * size)
        return unsafe cperf_bpf_map_ring_until(descriptor, next, &pages) >= 0
    }
}
