import Glibc
package import PerfRecords

/// Walks the records of a file that is still being written, a piece at a time, so that memory use does not depend on
/// the length of the session.
package struct RecordScan {
    /// Descriptor of the file, open for reading.
    package let descriptor: Int32
    /// The part of the file to scan, made up of whole records.
    package let range: Range<UInt64>

    private static let pieceSize = 1 << 20

    /// Calls `body` for each record with a buffer and the record's range in it, which is at least a header long. Ends
    /// early if the file cannot be read.
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

    /// The size in bytes of the leading whole records that together fit into `limit` bytes.
    package func boundary(atMost limit: UInt64) -> UInt64 {
        var (size, end) = (UInt64(0), UInt64(0))
        run { _, _, record in
            size &+= UInt64(record.count)
            if size <= limit { end = size }
        }
        return end
    }

    /// Calls `body` for each whole record at the start of `bytes`; returns how many bytes these records take.
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
