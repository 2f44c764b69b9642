import PerfRecords

/// The chain of records in a file's data, by their headers alone.
struct RecordWalk {
    let data: Range<Int>

    /// Calls `body` with each header and its file offset; returns what ended the walk before the data did.
    func run(_ bytes: borrowing RawSpan, _ body: (RecordHeader, Int) -> Void) -> Damage? {
        var offset = data.lowerBound
        while offset < data.upperBound {
            guard data.upperBound - offset >= RecordHeader.size, let header = RecordHeader(decoding: bytes, at: offset)
            else { return Damage(reason: .tornRecord, offset: offset) }
            guard header.size >= RecordHeader.size else {
                return Damage(reason: .invalidRecordSize(header.size), offset: offset)
            }
            guard header.size <= data.upperBound - offset else { return Damage(reason: .tornRecord, offset: offset) }
            body(header, offset)
            let rest = data.upperBound - offset - header.size
            guard let following = trailingBytes(header, bytes, offset), following >= 0, following <= rest else {
                return Damage(reason: .tornRecord, offset: offset)
            }
            offset += header.size + following
        }
        return nil
    }

    /// Bytes that belong to a record but are not counted in its size: AUX area data, and a pipe's tracing data.
    private func trailingBytes(_ header: RecordHeader, _ bytes: borrowing RawSpan, _ offset: Int) -> Int? {
        switch header.type {
        case .auxtrace: return bytes.load(UInt64.self, at: offset + 8).flatMap(Int.init(exactly:))
        case .headerTracingData: return bytes.load(UInt32.self, at: offset + 8).map { (Int($0) + 7) & ~7 }
        default: return 0
        }
    }
}
