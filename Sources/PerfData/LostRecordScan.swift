import Glibc
import PerfRecords

/// Sums the LOST records of a recorded file, reading headers a piece at a time.
enum LostRecordScan {
    private static let pieceSize = 1 << 20

    /// 0 where the file cannot be read.
    static func lost(inFile path: String, range: Range<UInt64>) -> UInt64 {
        let file = unsafe OwnedDescriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard file.number >= 0 else { return 0 }
        var total: UInt64 = 0
        var position = range.lowerBound
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while position < range.upperBound {
            let wanted = Int(min(UInt64(pieceSize), range.upperBound - position))
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe pread(file.number, $0.baseAddress, wanted, off_t(position))
            }
            guard count > 0 else { break }
            let (lost, consumed) = unsafe lost(in: piece.span.bytes.extracting(first: count))
            total &+= lost
            guard consumed > 0 else { break }
            position += UInt64(consumed)
        }
        return total
    }

    /// Events lost by the whole records at the start of `bytes`, and how many bytes those take.
    static func lost(in bytes: borrowing RawSpan) -> (lost: UInt64, consumed: Int) {
        var lost: UInt64 = 0
        var offset = 0
        while let type = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt16.self, at: offset &+ 6) {
            guard size >= 8, offset &+ Int(size) <= bytes.byteCount else { break }
            // struct { header; u64 id; u64 lost; struct sample_id }, or { header; u64 lost; … } for LOST_SAMPLES
            if type == 2, size >= 24 { lost &+= bytes.load(UInt64.self, at: offset &+ 16) ?? 0 }
            if type == 13, size >= 16 { lost &+= bytes.load(UInt64.self, at: offset &+ 8) ?? 0 }
            offset &+= Int(size)
        }
        return (lost, offset)
    }
}
