extension Sample {
    /// Decodes a whole PERF_RECORD_SAMPLE, header included, in the order of linux/perf_event.h. Does not allocate, as
    /// it runs for every sample of a file.
    public init(decoding bytes: borrowing RawSpan, layout: RecordLayout) throws(RecordError) {
        let type = layout.sampleType
        fields = type
        var cursor = RecordCursor(offset: RecordHeader.size, end: bytes.byteCount)
        if type.contains(.identifier) { identifier = try cursor.word(bytes) }
        if type.contains(.instructionPointer) { instructionPointer = try cursor.word(bytes) }
        if type.contains(.threadID) {
            let (process, thread) = try cursor.pair(bytes)
            pid = Int32(bitPattern: process)
            tid = Int32(bitPattern: thread)
        }
        if type.contains(.time) { time = try cursor.word(bytes) }
        if type.contains(.address) { address = try cursor.word(bytes) }
        if type.contains(.id) { id = try cursor.word(bytes) }
        if type.contains(.streamID) { streamID = try cursor.word(bytes) }
        if type.contains(.cpu) { cpu = try cursor.pair(bytes).0 }
        if type.contains(.period) { period = try cursor.word(bytes) }
        if type.contains(.read) { read = try ReadValues(bytes, at: &cursor, format: layout.readFormat) }
        if type.contains(.callchain) { callchain = try cursor.array(count: cursor.word(bytes)) }
        if type.contains(.raw) { raw = try cursor.array(count: UInt64(cursor.half(bytes)), stride: 1) }
        if !type.isDisjoint(with: Self.rareFields) { try decodeRareFields(bytes, &cursor, layout) }
    }

    private static let rareFields: SampleType = [
        .branchStack, .registersUser, .stackUser, .weight, .weightStruct, .dataSource, .transaction,
        .registersInterrupt, .physicalAddress, .cgroup, .dataPageSize, .codePageSize, .aux,
    ]

    private mutating func decodeRareFields(
        _ bytes: borrowing RawSpan, _ cursor: inout RecordCursor, _ layout: RecordLayout
    ) throws(RecordError) {
        let type = layout.sampleType
        if type.contains(.branchStack) {
            branchStack = try BranchStack(bytes, at: &cursor, kind: layout.branchSampleType)
        }
        if type.contains(.registersUser) {
            registersUser = try Registers(bytes, at: &cursor, count: layout.registersUserCount)
        }
        if type.contains(.stackUser) { stackUser = try StackDump(bytes, at: &cursor) }
        if !type.isDisjoint(with: [.weight, .weightStruct]) { weight = try cursor.word(bytes) }
        if type.contains(.dataSource) { dataSource = try cursor.word(bytes) }
        if type.contains(.transaction) { transaction = try cursor.word(bytes) }
        if type.contains(.registersInterrupt) {
            registersInterrupt = try Registers(bytes, at: &cursor, count: layout.registersInterruptCount)
        }
        if type.contains(.physicalAddress) { physicalAddress = try cursor.word(bytes) }
        if type.contains(.cgroup) { cgroup = try cursor.word(bytes) }
        if type.contains(.dataPageSize) { dataPageSize = try cursor.word(bytes) }
        if type.contains(.codePageSize) { codePageSize = try cursor.word(bytes) }
        if type.contains(.aux) { aux = try cursor.array(count: cursor.word(bytes), stride: 1) }
    }
}

extension Sample.Registers {
    init(_ bytes: borrowing RawSpan, at cursor: inout RecordCursor, count: Int) throws(RecordError) {
        abi = try cursor.word(bytes)
        // A task without user registers has only the ABI word.
        if abi != 0 { values = try cursor.array(count: UInt64(count)) }
    }
}

extension Sample.BranchStack {
    init(_ bytes: borrowing RawSpan, at cursor: inout RecordCursor, kind: BranchSampleType) throws(RecordError) {
        let count = try cursor.word(bytes)
        if kind.contains(.hardwareIndex) { hardwareIndex = try cursor.word(bytes) }
        entries = try cursor.array(count: count, stride: 24)
        if kind.contains(.counters) { counters = try cursor.array(count: count) }
    }
}

extension Sample.StackDump {
    init(_ bytes: borrowing RawSpan, at cursor: inout RecordCursor) throws(RecordError) {
        let size = try cursor.word(bytes)
        // Without a dump there is no dyn_size: a kernel thread, or a sample with no room left.
        guard size > 0 else { return }
        self.bytes = try cursor.array(count: size, stride: 1)
        usedSize = Int(min(try cursor.word(bytes), size))
    }
}
