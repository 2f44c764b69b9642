internal import ByteAccess

/// What a tracepoint or a program says with a sample, and where: all that the spawn model asks of one, which is a tenth of
/// a `Sample`'s bytes.
package struct RawSample: Hashable, Sendable {
    package var pid: Int32
    package var tid: Int32
    /// Nanoseconds of the event's clock.
    package var time: UInt64
    /// As in `Sample`.
    package var raw: Range<Int>

    package init(pid: Int32, tid: Int32, time: UInt64 = 0, raw: Range<Int>) {
        self.pid = pid
        self.tid = tid
        self.time = time
        self.raw = raw
    }

    package init(_ sample: Sample) {
        self.init(pid: sample.pid, tid: sample.tid, time: sample.time, raw: sample.raw)
    }

    /// What has a length of its own before the raw bytes, and all that stands behind them.
    private static let others = SampleType.known.subtracting([
        .identifier, .instructionPointer, .threadID, .time, .address, .id, .streamID, .cpu, .period, .callchain, .raw,
    ])

    /// Throws what `Sample` does. A walk decodes every sample of the lifecycle: the fields are at fixed offsets but for the
    /// callchain, which is stepped over by its count.
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
