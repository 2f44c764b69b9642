internal import ByteAccess

/// The values of a counter or of a group, in a READ record or in a sample with PERF_SAMPLE_READ (`struct read_format`).
///
/// Without PERF_FORMAT_GROUP there is one member. A group's members stay in the record; `member(_:in:)` loads one.
public struct ReadValues: Hashable, Sendable {
    /// One counter: its value, and the fields that the format adds.
    public struct Member: Hashable, Sendable {
        /// The count of events so far.
        public var value: UInt64
        /// The event's id with PERF_FORMAT_ID, else 0.
        public var id: UInt64
        /// Events lost, with PERF_FORMAT_LOST, else 0.
        public var lost: UInt64
    }

    /// Which of the fields the event reads; the others are 0.
    public var format: ReadFormat = []
    /// Nanoseconds, 0 without PERF_FORMAT_TOTAL_TIME_ENABLED.
    public var timeEnabled: UInt64 = 0
    /// Nanoseconds, 0 without PERF_FORMAT_TOTAL_TIME_RUNNING.
    public var timeRunning: UInt64 = 0
    /// Byte range of a group's members in the record. Without a group the only member is in `single`.
    package var members: Range<Int> = 0..<0
    package var single = Member(value: 0, id: 0, lost: 0)

    package init() {}

    var stride: Int { 8 + (format.contains(.id) ? 8 : 0) + (format.contains(.lost) ? 8 : 0) }

    /// How many members there are: 1 without `ReadFormat.group`.
    public var count: Int { format.contains(.group) ? members.count / stride : 1 }

    init(_ bytes: borrowing RawSpan, at cursor: inout RecordCursor, format: ReadFormat) throws(RecordError) {
        self.format = format
        let isGroup = format.contains(.group)
        let count = isGroup ? try cursor.word(bytes) : 1
        if !isGroup { single.value = try cursor.word(bytes) }
        if format.contains(.totalTimeEnabled) { timeEnabled = try cursor.word(bytes) }
        if format.contains(.totalTimeRunning) { timeRunning = try cursor.word(bytes) }
        if isGroup {
            members = try cursor.array(count: count, stride: stride)
        } else {
            if format.contains(.id) { single.id = try cursor.word(bytes) }
            if format.contains(.lost) { single.lost = try cursor.word(bytes) }
        }
    }

    /// The member at `index`, from the record that these values were decoded from; `nil` outside `0..<count`.
    public func member(_ index: Int, in bytes: borrowing RawSpan) -> Member? {
        guard index >= 0, index < count else { return nil }
        guard format.contains(.group) else { return single }
        let offset = members.lowerBound + index * stride
        let lostOffset = format.contains(.id) ? offset + 16 : offset + 8
        guard let value = bytes.load(UInt64.self, at: offset) else { return nil }
        return Member(
            value: value,
            id: format.contains(.id) ? bytes.load(UInt64.self, at: offset + 8) ?? 0 : 0,
            lost: format.contains(.lost) ? bytes.load(UInt64.self, at: lostOffset) ?? 0 : 0
        )
    }

    func encode(into bytes: inout [UInt8], source: borrowing RawSpan) {
        let isGroup = format.contains(.group)
        bytes.store(isGroup ? UInt64(count) : single.value)
        if format.contains(.totalTimeEnabled) { bytes.store(timeEnabled) }
        if format.contains(.totalTimeRunning) { bytes.store(timeRunning) }
        for index in 0..<count {
            guard let member = member(index, in: source) else { continue }
            if isGroup { bytes.store(member.value) }
            if format.contains(.id) { bytes.store(member.id) }
            if format.contains(.lost) { bytes.store(member.lost) }
        }
    }
}
