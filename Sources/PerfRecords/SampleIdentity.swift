internal import ByteAccess

/// `struct sample_id`: the task, time and event of a record that is not a sample, at the record's end if the
/// attributes have `sample_id_all`. `fields` says which members are known; the others are 0.
public struct SampleIdentity: Hashable, Sendable {
    /// The members that the trailer has.
    public var fields: SampleType = []
    /// The process that was running when the record was written.
    public var pid: Int32 = 0
    /// The thread that was running when the record was written.
    public var tid: Int32 = 0
    /// When it was written, in nanoseconds of the event's clock.
    public var time: UInt64 = 0
    /// The event's id; for an inherited event, the id of the one that was opened.
    public var id: UInt64 = 0
    /// The id of the event itself; each inherited event has its own.
    public var streamID: UInt64 = 0
    /// The number of the CPU.
    public var cpu: UInt32 = 0
    /// The event's id, with `PERF_SAMPLE_IDENTIFIER`.
    public var identifier: UInt64 = 0

    /// The fields that such a trailer can hold.
    package static let possible: SampleType = [.threadID, .time, .id, .streamID, .cpu, .identifier]

    package init() {}

    init(_ bytes: borrowing RawSpan, layout: RecordLayout) throws(RecordError) {
        guard layout.identitySize > 0 else { return }
        let start = bytes.byteCount - layout.identitySize
        guard start >= RecordHeader.size else { throw .truncated(offset: bytes.byteCount) }
        fields = layout.sampleType.intersection(Self.possible)
        var cursor = RecordCursor(offset: start, end: bytes.byteCount)
        if fields.contains(.threadID) {
            let (process, thread) = try cursor.pair(bytes)
            pid = Int32(bitPattern: process)
            tid = Int32(bitPattern: thread)
        }
        if fields.contains(.time) { time = try cursor.word(bytes) }
        if fields.contains(.id) { id = try cursor.word(bytes) }
        if fields.contains(.streamID) { streamID = try cursor.word(bytes) }
        if fields.contains(.cpu) { cpu = try cursor.pair(bytes).0 }
        if fields.contains(.identifier) { identifier = try cursor.word(bytes) }
    }

    func encode(into bytes: inout [UInt8], layout: RecordLayout) {
        guard layout.identitySize > 0 else { return }
        let type = layout.sampleType
        if type.contains(.threadID) {
            bytes.store(pid)
            bytes.store(tid)
        }
        if type.contains(.time) { bytes.store(time) }
        if type.contains(.id) { bytes.store(id) }
        if type.contains(.streamID) { bytes.store(streamID) }
        if type.contains(.cpu) {
            bytes.store(cpu)
            bytes.store(UInt32(0))
        }
        if type.contains(.identifier) { bytes.store(identifier) }
    }
}
