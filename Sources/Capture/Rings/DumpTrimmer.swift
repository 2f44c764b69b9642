import ByteAccess
import PerfRecords

/// Cuts stack dumps to their used part. In the ring each takes the requested size, of which mostly three to nine of
/// sixteen KiB are stack and the rest are old bytes of the ring.
///
/// A ring's data pages cannot be written, so the records are copied, into a buffer that is reused for every drain.
struct DumpTrimmer {
    /// Identifiers of the events with dumps (PERF_SAMPLE_IDENTIFIER); there are few.
    private(set) var identifiers: [UInt64]
    /// Bytes asked for: perf_event_attr.sample_stack_user.
    let dumpSize: Int
    /// The copied records, each whole.
    private(set) var records: [UInt8] = []

    init(identifier: UInt64, dumpSize: Int) {
        identifiers = [identifier]
        self.dumpSize = dumpSize
    }

    /// Adds an event, whose dumps have the same size.
    mutating func add(identifier: UInt64) { identifiers.append(identifier) }

    /// Empties the buffer once it is written; its capacity stays.
    mutating func clear() { records.removeAll(keepingCapacity: true) }

    private static let sample: UInt32 = 9

    /// Copies the records between the positions `tail` and `head` of `ring`, whose size is a power of two.
    ///
    /// Records and their fields lie at multiples of eight bytes, so that no word of them wraps.
    mutating func copy(_ ring: UnsafeRawBufferPointer, tail: UInt64, head: UInt64) {
        clear()
        let mask = UInt64(ring.count &- 1)
        let whole = UInt64(dumpSize)
        func word(_ position: UInt64) -> UInt64 {
            unsafe ring.loadUnaligned(fromByteOffset: Int(position & mask & ~7), as: UInt64.self)
        }
        var start = tail
        var position = tail
        while head &- position >= 8 {
            // { u32 type; u16 misc; u16 size; }
            let header = word(position)
            let size = header >> 48
            guard size >= 8, size & 7 == 0, size <= head &- position else { break }
            let record = position
            let end = position &+ size
            position = end
            // A sample ends with { u64 size; u8 data[size]; u64 dyn_size; }.
            guard UInt32(truncatingIfNeeded: header) == Self.sample, size >= whole &+ 32,
                identifiers.contains(word(record &+ 8)), word(end &- 16 &- whole) == whole
            else { continue }
            // At least 8 bytes: without any data the record would have no dyn_size.
            let kept = max(8, (word(end &- 8) &+ 7) & ~7)
            guard kept < whole else { continue }
            unsafe append(ring, start..<record)
            records.store(header & 0xffff_ffff_ffff | (size &- whole &+ kept) << 48)
            unsafe append(ring, record &+ 8..<end &- 16 &- whole)
            records.store(kept)
            unsafe append(ring, end &- 8 &- whole..<end &- 8 &- whole &+ kept)
            start = end &- 8
        }
        unsafe append(ring, start..<head)
    }

    private mutating func append(_ ring: UnsafeRawBufferPointer, _ range: Range<UInt64>) {
        guard let pieces = RingPieces(tail: range.lowerBound, head: range.upperBound, size: ring.count) else { return }
        unsafe records.append(contentsOf: ring[pieces.first])
        unsafe records.append(contentsOf: ring[pieces.second])
    }
}
