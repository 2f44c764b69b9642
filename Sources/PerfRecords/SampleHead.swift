internal import ByteAccess

/// The fields of a sample that folding needs. For samples with only fixed fields before the callchain and none after
/// it, such as those of `perf record -g`: read by a few loads, without decoding a whole `Sample`.
package struct SampleHead: Sendable {
    package var pid: Int32
    package var tid: Int32
    package var time: UInt64
    package var period: UInt64
    /// `nil` if samples have no CPU.
    package var cpu: UInt32?
    /// Byte range in the record, as in `Sample`.
    package var callchain: Range<Int>

    /// Offsets of the fields, negative for fields that samples do not have.
    package struct Layout: Sendable {
        fileprivate let thread: Int
        fileprivate let time: Int
        fileprivate let period: Int
        fileprivate let cpu: Int
        fileprivate let callchain: Int

        /// Counter values, which precede a callchain, and all fields that follow one.
        private static let others = SampleType.known.subtracting([
            .identifier, .instructionPointer, .threadID, .time, .address, .id, .streamID, .cpu, .period, .callchain,
        ])

        /// `nil` if samples have any of `others`, or no callchain.
        package init?(_ layout: RecordLayout) {
            let type = layout.sampleType
            guard type.contains(.callchain), type.isDisjoint(with: Self.others) else { return nil }
            thread = layout.sampleThreadOffset
            time = layout.sampleTimeOffset
            period = layout.samplePeriodOffset
            cpu = layout.sampleCPUOffset
            callchain = layout.sampleFixedEnd
        }
    }

    package init(_ sample: Sample) {
        pid = sample.pid
        tid = sample.tid
        time = sample.time
        period = sample.period
        cpu = sample.fields.contains(.cpu) ? sample.cpu : nil
        callchain = sample.callchain
    }

    /// `nil` if decoding a `Sample` would throw.
    package init?(decoding bytes: borrowing RawSpan, _ layout: Layout) {
        // Every fixed field lies before the callchain: if this load is in bounds, so are theirs.
        guard let count = bytes.load(UInt64.self, at: layout.callchain) else { return nil }
        let start = layout.callchain &+ 8
        guard count <= UInt64((bytes.byteCount &- start) / 8) else { return nil }
        callchain = start..<start &+ Int(truncatingIfNeeded: count) &* 8
        let thread = layout.thread < 0 ? 0 : bytes.load(UInt64.self, at: layout.thread) ?? 0
        pid = Int32(truncatingIfNeeded: thread)
        tid = Int32(truncatingIfNeeded: thread >> 32)
        time = layout.time < 0 ? 0 : bytes.load(UInt64.self, at: layout.time) ?? 0
        period = layout.period < 0 ? 0 : bytes.load(UInt64.self, at: layout.period) ?? 0
        cpu = layout.cpu < 0 ? nil : bytes.load(UInt32.self, at: layout.cpu)
    }
}
