import PerfRecords
import Testing

/// Samples that end too early, or whose counts promise more than there is: an error, never a trap.
@Suite struct SampleTruncationTests {
    private func expectThrowsWhenCut(_ record: RecordBytes, _ layout: RecordLayout, _ what: String) {
        let bytes = record.bytes
        #expect(throws: Never.self, "\(what)") { try bytes.decoded(layout) }
        for count in 0..<bytes.count {
            #expect(throws: RecordError.self, "\(what), cut to \(count) of \(bytes.count)") {
                try Array(bytes[..<count]).decoded(layout)
            }
        }
    }

    @Test(arguments: SampleField.every.indices)
    func oneFieldCutAtEveryByte(index: Int) {
        let field = SampleField.every[index]
        expectThrowsWhenCut(SampleField.record([field]), SampleField.layout([field]), field.description)
    }

    @Test func allFieldsCutAtEveryByte() {
        for fields in [SampleField.inOrder, SampleField.inOrderWithWeightStruct] {
            expectThrowsWhenCut(SampleField.record(fields), SampleField.layout(fields), "all")
        }
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func readValuesCutAtEveryByte(format: UInt64) {
        let format = ReadFormat(rawValue: format)
        let counter = ReadCounter.three
        expectThrowsWhenCut(
            RecordBytes(type: 9).readFormat(format, counter), .of(.read, read: format), "READ \(format.rawValue)")
    }

    @Test func branchStackCutAtEveryByte() {
        let record = RecordBytes(type: 9).u64(2, 0x1d).u64(1, 2, 3, 4, 5, 6).u64(0xc1, 0xc2)
        expectThrowsWhenCut(record, .of(.branchStack, branch: [.hardwareIndex, .counters]), "branches")
    }

    /// 2^61 words and 2^61 + 1 of them wrap to 0 and 8 bytes when the product is not checked; so do the other powers for
    /// strides of 16, 24 and 1.
    static let hostileCounts: [UInt64] = [
        3, 1 << 31, 1 << 32, 1 << 58, 1 << 59, 1 << 60, (1 << 60) + 1, 1 << 61, (1 << 61) + 1, 1 << 62, (1 << 63) - 1,
        1 << 63, (1 << 63) + 8, .max - 7, .max / 24 + 1, .max,
    ]

    @Test(arguments: hostileCounts)
    func countsOutsideTheRecord(count: UInt64) {
        let tail: [UInt64] = [1, 2]
        func expectThrows(_ layout: RecordLayout, _ record: RecordBytes, _ what: String) {
            #expect(throws: RecordError.self, "\(what) of \(count)") { try record.bytes.decoded(layout) }
        }
        let counted = RecordBytes(type: 9).u64(count).u64(tail)
        expectThrows(.of(.callchain), counted, "CALLCHAIN")
        expectThrows(.of(.branchStack), counted, "BRANCH_STACK")
        expectThrows(.of(.branchStack, branch: .hardwareIndex), counted, "BRANCH_STACK with hw_idx")
        expectThrows(.of(.branchStack, branch: .counters), counted, "BRANCH_STACK with counters")
        expectThrows(.of(.read, read: .group), counted, "READ of a group")
        expectThrows(.of(.read, read: [.group, .id]), counted, "READ of a group with ids")
        expectThrows(.of(.read, read: [.group, .id, .lost]), counted, "READ of a group with ids and losses")
        // These count bytes.
        let size = count == 3 ? 17 : count
        let sized = RecordBytes(type: 9).u64(size).u64(tail)
        expectThrows(.of(.aux), sized, "AUX")
        expectThrows(.of(.stackUser), sized, "STACK_USER")
        expectThrows(.of(.raw), RecordBytes(type: 9).u32(UInt32(clamping: size)).u64(tail), "RAW")
    }

    @Test func theErrorSaysWhere() {
        #expect(throws: RecordError.truncated(offset: 16)) {
            try RecordBytes(type: 9).u64(1).u32(2).bytes.decoded(.of([.instructionPointer, .time]))
        }
        #expect(throws: RecordError.countOutOfBounds(offset: 16, count: 3)) {
            try RecordBytes(type: 9).u64(3, 1, 2).bytes.decoded(.of(.callchain))
        }
        #expect(throws: RecordError.truncated(offset: 0)) { try [9, 0, 0, 0, 0, 0, 8].decoded(.of()) }
    }

    @Test func moreRegistersThanTheRecordHas() {
        let layout = RecordLayout.of(.registersUser, userRegisters: .max)
        #expect(throws: RecordError.countOutOfBounds(offset: 16, count: 64)) {
            try RecordBytes(type: 9).u64(2, 1, 1).bytes.decoded(layout)
        }
    }
}
