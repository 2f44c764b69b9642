import ByteAccess
import PerfRecords

/// Which event wrote a record: by the id in it, in an open-addressing table, since this is asked of every record.
struct EventTable {
    private let count: Int
    /// Where the id stands: what of the first event's layout is asked for here, and small enough to be copied.
    private let idInSample: Int
    private let idFromEnd: Int
    private let identitySize: Int
    /// All events share one layout, or there is one event: no id needs to be looked at.
    private let isUniform: Bool
    private let idsByEvent: Bool
    private var keys: [UInt64] = []
    private var values: [Int32] = []
    private var mask = 0
    private var shift: UInt64 = 60
    /// Odd, and another one each time: no file can be made whose ids all fall on one slot.
    private let multiplier = UInt64.random(in: 0 ... .max) | 1

    init(_ events: [RecordedEvent]) {
        count = events.count
        idInSample = events.first?.layout.sampleIDOffset ?? -1
        idFromEnd = events.first?.layout.trailingIDDistance ?? 0
        identitySize = events.first?.layout.identitySize ?? 0
        isUniform = events.count <= 1
        let ids = events.reduce(0) { $0 + $1.ids.count }
        idsByEvent = ids > 0
        var capacity = 16
        while capacity < ids * 2 {
            capacity *= 2
            shift -= 1
        }
        mask = capacity - 1
        keys = Array(repeating: 0, count: capacity)
        values = Array(repeating: -1, count: capacity)
        for (index, event) in events.enumerated() {
            for id in event.ids { insert(id, Int32(clamping: index)) }
        }
    }

    private func slot(_ id: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (id &* multiplier) >> shift)
        while values[slot] >= 0, keys[slot] != id { slot = (slot &+ 1) & mask }
        return slot
    }

    private mutating func insert(_ id: UInt64, _ event: Int32) {
        let slot = slot(id)
        guard values[slot] < 0 else { return }
        keys[slot] = id
        values[slot] = event
    }

    /// The event of a record, `nil` for an id that no event has. Where records carry no ids, the first one.
    @inline(__always)
    func event(of type: RecordType, in bytes: borrowing RawSpan) -> Int? {
        guard !isUniform, idsByEvent else { return count == 0 ? nil : 0 }
        // Where the id stands is the same for all events of a file: perf requires it, and so does the kernel's
        // PERF_SAMPLE_IDENTIFIER.
        guard let id = id(of: type, in: bytes) else { return 0 }
        let found = values[slot(id)]
        if found >= 0 { return Int(found) }
        // perf writes 0 where it made a record up itself.
        return id == 0 ? 0 : nil
    }

    /// As `RecordLayout.id(of:in:)` has it.
    @inline(__always)
    private func id(of type: RecordType, in bytes: borrowing RawSpan) -> UInt64? {
        if type == .sample { return idInSample < 0 ? nil : bytes.load(UInt64.self, at: idInSample) }
        guard idFromEnd > 0, type.isFromKernel, bytes.byteCount >= RecordHeader.size &+ identitySize else { return nil }
        return bytes.load(UInt64.self, at: bytes.byteCount &- idFromEnd)
    }
}
