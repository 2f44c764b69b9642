import Glibc
package import PerfRecords

/// Walks the records that a file already holds while its writer still has it open, a piece at a time: memory stays the same
/// however long the session is.
package struct RecordScan {
    /// Of the file, open for reading.
    package let descriptor: Int32
    /// Offsets of whole records in the file.
    package let range: Range<UInt64>

    private static let pieceSize = 1 << 20

    /// Calls `body` with bytes and the range in them that one record takes, which is at least a header. Ends early where the
    /// file cannot be read.
    package func run(_ body: (_ bytes: borrowing RawSpan, _ type: RecordType, _ record: Range<Int>) -> Void) {
        var position = range.lowerBound
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        while position < range.upperBound {
            let wanted = Int(min(UInt64(Self.pieceSize), range.upperBound - position))
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress, wanted, off_t(position))
            }
            guard count > 0 else { return }
            let consumed = unsafe Self.run(piece.span.bytes.extracting(first: count), body)
            guard consumed > 0 else { return }
            position += UInt64(consumed)
        }
    }

    /// Bytes of the whole records that fit into `limit` bytes.
    package func boundary(atMost limit: UInt64) -> UInt64 {
        var (size, end) = (UInt64(0), UInt64(0))
        run { _, _, record in
            size &+= UInt64(record.count)
            if size <= limit { end = size }
        }
        return end
    }

    /// The whole records at the start of `bytes`; returns how many bytes they take.
    private static func run(
        _ bytes: borrowing RawSpan, _ body: (borrowing RawSpan, RecordType, Range<Int>) -> Void
    ) -> Int {
        var offset = 0
        while let header = RecordHeader(decoding: bytes, at: offset), header.size >= RecordHeader.size,
            header.size <= bytes.byteCount &- offset
        {
            body(bytes, header.type, offset..<offset &+ header.size)
            offset &+= header.size
        }
        return offset
    }
}
