import ByteAccess
import PerfRecords

/// Walks the records in a file's data by their headers alone.
struct RecordWalk {
    let data: Range<Int>
    private var offset: Int
    /// Why the walk ended before the data did; set at the end of the walk.
    private(set) var damage: Damage?

    init(data: Range<Int>) {
        self.data = data
        offset = data.lowerBound
    }

    /// Calls `body` with each header and its file offset; returns the damage that ended the walk early, if any.
    func run(_ bytes: borrowing RawSpan, _ body: (RecordHeader, Int) -> Void) -> Damage? {
        var walk = self
        while let (header, offset) = walk.next(bytes) { body(header, offset) }
        return walk.damage
    }

    /// The next header and its file offset; `nil` at the end.
    @inline(__always)
    mutating func next(_ bytes: borrowing RawSpan) -> (RecordHeader, Int)? {
        let offset = offset
        guard offset < data.upperBound, damage == nil else { return nil }
        guard data.upperBound - offset >= RecordHeader.size, let header = RecordHeader(decoding: bytes, at: offset)
        else {
            damage = Damage(reason: .tornRecord, offset: offset)
            return nil
        }
        guard header.size >= RecordHeader.size else {
            damage = Damage(reason: .invalidRecordSize(header.size), offset: offset)
            return nil
        }
        guard header.size <= data.upperBound - offset else {
            damage = Damage(reason: .tornRecord, offset: offset)
            return nil
        }
        let rest = data.upperBound - offset - header.size
        if let following = trailingBytes(header, bytes, offset), following >= 0, following <= rest {
            self.offset = offset + header.size + following
        } else {
            // The record itself is complete, only its trailing bytes are not.
            damage = Damage(reason: .tornRecord, offset: offset)
        }
        return (header, offset)
    }

    /// Bytes that belong to a record but are not counted in its size: AUX area data, and a pipe's tracing data.
    private func trailingBytes(_ header: RecordHeader, _ bytes: borrowing RawSpan, _ offset: Int) -> Int? {
        switch header.type {
        case .auxtrace: return bytes.load(UInt64.self, at: offset + 8).flatMap(Int.init(exactly:))
        case .headerTracingData:
            guard let size = bytes.load(UInt32.self, at: offset + 8) else { return nil }
            return Self.isWithin(header, size) ? 0 : (Int(size) + 7) & ~7
        default: return 0
        }
    }

    /// Whether the tracing data are inside their record, as simpleperf writes them: perf's records hold only the size,
    /// in 12 bytes or, with padding, in 16.
    static func isWithin(_ header: RecordHeader, _ size: UInt32) -> Bool {
        header.size > 16 && Int(size) <= header.size - 12
    }
}
