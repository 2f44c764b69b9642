import PerfRecords

/// One bit of `sample_type`: what the kernel writes for it and what the decoder has to make of that.
struct SampleField: CustomStringConvertible, Sendable {
    var description: String
    var bit: UInt64
    var write: @Sendable (RecordBytes) -> RecordBytes
    var isDecoded: @Sendable (Sample, [UInt8]) -> Bool

    init(
        _ name: String, _ bit: UInt64, _ write: @escaping @Sendable (RecordBytes) -> RecordBytes,
        _ isDecoded: @escaping @Sendable (Sample, [UInt8]) -> Bool
    ) {
        description = name
        self.bit = bit
        self.write = write
        self.isDecoded = isDecoded
    }

    /// The layout that these fields are written for: masks of two and of one register.
    static func layout(_ fields: some Sequence<SampleField>) -> RecordLayout {
        .of(
            SampleType(rawValue: fields.reduce(0) { $0 | 1 << $1.bit }), userRegisters: 0b101,
            interruptRegisters: 0b10000)
    }

    static func record(_ fields: some Sequence<SampleField>) -> RecordBytes {
        fields.reduce(RecordBytes(type: 9, misc: 2)) { $1.write($0) }
    }

    /// In the order in which `perf_output_sample` of kernel/events/core.c writes them, which is not that of the bits.
    static let inOrder: [SampleField] = [
        SampleField("IDENTIFIER", 16, { $0.u64(0xa16) }, { sample, _ in sample.identifier == 0xa16 }),
        SampleField("IP", 0, { $0.u64(0xa00) }, { sample, _ in sample.instructionPointer == 0xa00 }),
        SampleField("TID", 1, { $0.u32(0xa01, .max) }, { sample, _ in sample.pid == 0xa01 && sample.tid == -1 }),
        SampleField("TIME", 2, { $0.u64(0xa02) }, { sample, _ in sample.time == 0xa02 }),
        SampleField("ADDR", 3, { $0.u64(0xa03) }, { sample, _ in sample.address == 0xa03 }),
        SampleField("ID", 6, { $0.u64(0xa06) }, { sample, _ in sample.id == 0xa06 }),
        SampleField("STREAM_ID", 9, { $0.u64(0xa09) }, { sample, _ in sample.streamID == 0xa09 }),
        SampleField("CPU", 7, { $0.u32(0xa07, 0xdead) }, { sample, _ in sample.cpu == 0xa07 }),
        SampleField("PERIOD", 8, { $0.u64(0xa08) }, { sample, _ in sample.period == 0xa08 }),
        SampleField(
            "READ", 4, { $0.u64(0xa04) },
            { sample, bytes in sample.read.member(0, in: bytes.span.bytes)?.value == 0xa04 }),
        SampleField(
            "CALLCHAIN", 5, { $0.u64(2, 0xa05, 0xb05) },
            { sample, bytes in bytes.words(sample.callchain) == [0xa05, 0xb05] }),
        SampleField(
            "RAW", 10, { $0.u32(4).u8(1, 2, 3, 4) },
            { sample, bytes in Array(bytes[sample.raw]) == [1, 2, 3, 4] }),
        SampleField(
            "BRANCH_STACK", 11, { $0.u64(1, 0xa11, 0xb11, 0xc11) },
            { sample, bytes in
                bytes.words(sample.branchStack.entries) == [0xa11, 0xb11, 0xc11] && sample.branchStack.counters.isEmpty
            }),
        SampleField(
            "REGS_USER", 12, { $0.u64(2, 0xa12, 0xb12) },
            { sample, bytes in
                sample.registersUser.abi == 2 && bytes.words(sample.registersUser.values) == [0xa12, 0xb12]
            }),
        SampleField(
            "STACK_USER", 13, { $0.u64(16, 0xa13, 0xb13, 8) },
            { sample, bytes in
                bytes.words(sample.stackUser.bytes) == [0xa13, 0xb13] && sample.stackUser.usedSize == 8
            }),
        SampleField("WEIGHT", 14, { $0.u64(0xa14) }, { sample, _ in sample.weight == 0xa14 }),
        SampleField("DATA_SRC", 15, { $0.u64(0xa15) }, { sample, _ in sample.dataSource == 0xa15 }),
        SampleField("TRANSACTION", 17, { $0.u64(0xa17) }, { sample, _ in sample.transaction == 0xa17 }),
        SampleField(
            "REGS_INTR", 18, { $0.u64(1, 0xa18) },
            { sample, bytes in
                sample.registersInterrupt.abi == 1 && bytes.words(sample.registersInterrupt.values) == [0xa18]
            }),
        SampleField("PHYS_ADDR", 19, { $0.u64(0xa19) }, { sample, _ in sample.physicalAddress == 0xa19 }),
        SampleField("CGROUP", 21, { $0.u64(0xa21) }, { sample, _ in sample.cgroup == 0xa21 }),
        SampleField("DATA_PAGE_SIZE", 22, { $0.u64(0xa22) }, { sample, _ in sample.dataPageSize == 0xa22 }),
        SampleField("CODE_PAGE_SIZE", 23, { $0.u64(0xa23) }, { sample, _ in sample.codePageSize == 0xa23 }),
        SampleField("AUX", 20, { $0.u64(8, 0xa20) }, { sample, bytes in bytes.words(sample.aux) == [0xa20] }),
    ]

    /// Stands in WEIGHT's place; the kernel refuses both at once.
    static let weightStruct = SampleField(
        "WEIGHT_STRUCT", 24, { $0.u32(0x1111_2222).u16(0x3333, 0x4444) },
        { sample, _ in sample.weight == 0x4444_3333_1111_2222 })

    static let inOrderWithWeightStruct = inOrder.map { $0.bit == 14 ? weightStruct : $0 }
    static let every = inOrder + [weightStruct]
}
