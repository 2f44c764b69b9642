internal import ByteAccess

/// A position in one record that only moves forward. The record's bytes are passed to each read rather than stored, so
/// that a cursor is a plain value and nothing outlives the buffer it came from.
struct RecordCursor {
    var offset: Int
    /// One past the last byte that belongs to the fields: the record's end, or where its identity trailer starts.
    let end: Int

    @inline(__always)
    mutating func word(_ bytes: borrowing RawSpan) throws(RecordError) -> UInt64 {
        guard offset &+ 8 <= end, let value = bytes.load(UInt64.self, at: offset) else {
            throw .truncated(offset: offset)
        }
        offset &+= 8
        return value
    }

    @inline(__always)
    mutating func half(_ bytes: borrowing RawSpan) throws(RecordError) -> UInt32 {
        guard offset &+ 4 <= end, let value = bytes.load(UInt32.self, at: offset) else {
            throw .truncated(offset: offset)
        }
        offset &+= 4
        return value
    }

    @inline(__always)
    mutating func short(_ bytes: borrowing RawSpan) throws(RecordError) -> UInt16 {
        guard offset &+ 2 <= end, let value = bytes.load(UInt16.self, at: offset) else {
            throw .truncated(offset: offset)
        }
        offset &+= 2
        return value
    }

    /// Two `u32` in one 8-byte word, such as pid and tid, or cpu and its reserved half.
    @inline(__always)
    mutating func pair(_ bytes: borrowing RawSpan) throws(RecordError) -> (UInt32, UInt32) {
        let value = try word(bytes)
        return (UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
    }

    /// `count` items of `stride` bytes, which must lie inside the record.
    @inline(__always)
    mutating func array(count: UInt64, stride: Int = 8) throws(RecordError) -> Range<Int> {
        let start = offset
        guard start <= end, count <= UInt64((end &- start) / stride) else {
            throw .countOutOfBounds(offset: start, count: count)
        }
        offset = start &+ Int(truncatingIfNeeded: count) &* stride
        return start..<offset
    }

    /// The rest of the record, up to `end`.
    mutating func rest() -> Range<Int> {
        let start = min(offset, end)
        offset = end
        return start..<end
    }
}
