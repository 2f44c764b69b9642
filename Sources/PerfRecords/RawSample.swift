internal import ByteAccess

/// The fields of a tracepoint's or BPF program's sample that the spawn model needs: a tenth of the size of `Sample`.
package struct RawSample: Hashable, Sendable {
    package var pid: Int32
    package var tid: Int32
    /// Nanoseconds of the event's clock.
    package var time: UInt64
    /// Byte range in the record, as in `Sample`.
    package var raw: Range<Int>
    /// The id of the task's control group; 0 if samples do not have it.
    package var group: UInt64

    package init(pid: Int32, tid: Int32, time: UInt64 = 0, raw: Range<Int>, group: UInt64 = 0) {
        self.pid = pid
        self.tid = tid
        self.time = time
        self.raw = raw
        self.group = group
    }

    package init(_ sample: Sample) {
        self.init(pid: sample.pid, tid: sample.tid, time: sample.time, raw: sample.raw, group: sample.cgroup)
    }

    /// Fields of variable length before the raw bytes, except the callchain, and all fields after them.
    private static let others = SampleType.known.subtracting([
        .identifier, .instructionPointer, .threadID, .time, .address, .id, .streamID, .cpu, .period, .callchain, .raw,
    ])

    /// Throws as `Sample` does. Fast, as a walk decodes every process lifecycle sample: all fields are at fixed offsets
    /// except those after the callchain, which is skipped by its count.
    package init(decoding bytes: borrowing RawSpan, layout: RecordLayout) throws(RecordError) {
        let type = layout.sampleType
        guard type.isDisjoint(with: Self.others) else {
            self.init(try Sample(decoding: bytes, layout: layout))
            return
        }
        var cursor = RecordCursor(offset: layout.sampleFixedEnd, end: bytes.byteCount)
        guard cursor.offset <= cursor.end else {
            throw .truncated(offset: max(RecordHeader.size, bytes.byteCount & ~7))
        }
        if type.contains(.callchain) { _ = try cursor.array(count: cursor.word(bytes)) }
        let raw = type.contains(.raw) ? try cursor.array(count: UInt64(cursor.half(bytes)), stride: 1) : 0..<0
        let thread = bytes.load(UInt64.self, at: layout.sampleThreadOffset) ?? 0
        self.init(
            pid: Int32(truncatingIfNeeded: thread), tid: Int32(truncatingIfNeeded: thread >> 32),
            time: bytes.load(UInt64.self, at: layout.sampleTimeOffset) ?? 0, raw: raw)
    }
}
