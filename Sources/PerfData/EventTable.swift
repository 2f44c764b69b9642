import ByteAccess
import PerfRecords

/// Finds the event that wrote a record by the record's id. Uses an open-addressing table, as every record is looked up.
struct EventTable {
    private let count: Int
    /// Position of the id in a record: only the needed fields of the first event's layout, so that copies stay cheap.
    private let idInSample: Int
    private let idFromEnd: Int
    private let identitySize: Int
    /// There is at most one event, so ids need not be looked up.
    private let isUniform: Bool
    private let idsByEvent: Bool
    private var keys: [UInt64] = []
    private var values: [Int32] = []
    private var mask = 0
    private var shift: UInt64 = 60
    /// Odd, and random for each table, so that no file can be crafted whose ids all fall on one slot.
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

    /// The index of a record's event: `nil` if no event has its id, 0 if the record carries no id.
    @inline(__always)
    func event(of type: RecordType, in bytes: borrowing RawSpan) -> Int? {
        guard !isUniform, idsByEvent else { return count == 0 ? nil : 0 }
        // The id is at the same position for all events of a file: perf requires it, PERF_SAMPLE_IDENTIFIER ensures it.
        guard let id = id(of: type, in: bytes) else { return 0 }
        let found = values[slot(id)]
        if found >= 0 { return Int(found) }
        // perf writes 0 in the records that it synthesises.
        return id == 0 ? 0 : nil
    }

    /// The id of a record, found as by `RecordLayout.id(of:in:)`.
    @inline(__always)
    private func id(of type: RecordType, in bytes: borrowing RawSpan) -> UInt64? {
        if type == .sample { return idInSample < 0 ? nil : bytes.load(UInt64.self, at: idInSample) }
        guard idFromEnd > 0, type.isFromKernel, bytes.byteCount >= RecordHeader.size &+ identitySize else { return nil }
        return bytes.load(UInt64.self, at: bytes.byteCount &- idFromEnd)
    }
}
