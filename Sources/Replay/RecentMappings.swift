internal import ByteAccess
internal import PerfRecords
internal import Symbolication

/// What MMAP records map, of those that came last: every program that starts maps the same libraries, and to take their paths
/// apart each time would cost more than all else that is done with such a record.
struct RecentMappings {
    private struct Entry {
        /// Everything of the record that is not of the process: file, protection, flags and path.
        var bytes: [UInt8]
        var type: RecordType
        var misc: RecordMisc
        var content: MappedContent
    }

    private var entries = [Entry?](repeating: nil, count: 128)

    /// `range`: of the record, from behind its addresses to the end of its path.
    mutating func content(
        _ record: borrowing RawSpan, _ range: Range<Int>, _ header: RecordHeader, make: () -> MappedContent
    ) -> MappedContent {
        let place = Self.place(record, range)
        if let known = entries[place], known.type == header.type, known.misc == header.misc,
            Self.holds(record, range, known.bytes)
        {
            return known.content
        }
        let content = make()
        entries[place] = Entry(
            bytes: record.bytes(in: range), type: header.type, misc: header.misc, content: content)
        return content
    }

    /// The path's last whole word has the end of its name, the second word the inode.
    private static func place(_ record: borrowing RawSpan, _ range: Range<Int>) -> Int {
        let second = record.load(UInt64.self, at: range.lowerBound &+ 8) ?? 0
        let last = record.load(UInt64.self, at: range.upperBound &- 16) ?? 0
        let hash = (second ^ last &* 31 ^ UInt64(range.count)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: hash >> 57)
    }

    private static func holds(_ record: borrowing RawSpan, _ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        guard bytes.count == range.count else { return false }
        let known = unsafe bytes.span.bytes
        var offset = 0
        while offset &+ 8 <= bytes.count {
            guard record.load(UInt64.self, at: range.lowerBound &+ offset) == known.load(UInt64.self, at: offset) else {
                return false
            }
            offset &+= 8
        }
        while offset < bytes.count {
            guard record.load(UInt8.self, at: range.lowerBound &+ offset) == known.load(UInt8.self, at: offset) else {
                return false
            }
            offset &+= 1
        }
        return true
    }
}
