internal import ByteAccess
internal import PerfRecords
internal import Symbolication

/// The contents of recent MMAP records: every program that starts maps the same libraries, and parsing their paths each
/// time would cost more than everything else that is done with such a record.
struct RecentMappings {
    private struct Entry {
        /// Everything in the record that does not depend on the process: file, protection, flags and path.
        var bytes: [UInt8]
        var type: RecordType
        var misc: RecordMisc
        var content: MappedContent
    }

    private var entries = [Entry?](repeating: nil, count: 128)

    /// `range`: the part of the record from behind the addresses to the end of the path.
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

    /// Hashes the second word, the inode, and the path's last whole word, which has the end of the file's name.
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
