import PerfRecords
import Testing

/// Which fields a sample has, and in which order they stand.
@Suite struct SampleLayoutTests {
    private func expectAll(_ fields: [SampleField], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let record = SampleField.record(fields)
        let sample = try decodeSample(record, SampleField.layout(fields))
        for field in fields {
            #expect(
                field.isDecoded(sample, record.bytes), "\(field) among \(fields)", sourceLocation: sourceLocation)
        }
        #expect(sample.fields.rawValue == fields.reduce(0) { $0 | 1 << $1.bit }, sourceLocation: sourceLocation)
    }

    @Test func everyBitIsCovered() {
        #expect(Set(SampleField.every.map(\.bit)) == Set(0...24))
        #expect(SampleType.known.rawValue == 0x1ff_ffff)
    }

    @Test func noFieldAtAll() throws {
        #expect(try decodeSample(RecordBytes(type: 9), .of()) == Sample())
    }

    @Test(arguments: SampleField.every.indices)
    func aloneItIsRead(index: Int) throws {
        try expectAll([SampleField.every[index]])
    }

    @Test func ofTwoTheFirstComesFirst() throws {
        for fields in [SampleField.inOrder, SampleField.inOrderWithWeightStruct] {
            for first in fields.indices {
                for second in fields.indices[(first + 1)...] { try expectAll([fields[first], fields[second]]) }
            }
        }
    }

    @Test func allButOne() throws {
        for index in SampleField.inOrder.indices {
            var fields = SampleField.inOrder
            fields.remove(at: index)
            try expectAll(fields)
        }
    }

    @Test func allTogether() throws {
        try expectAll(SampleField.inOrder)
        try expectAll(SampleField.inOrderWithWeightStruct)
    }

    @Test func whatFollowsTheKnownFieldsIsSkipped() throws {
        let fields = SampleField.inOrder
        let record = SampleField.record(fields).u64(0xdead, 0xbeef)
        var attributes = EventAttributes()
        attributes.sampleType = SampleType(rawValue: SampleField.layout(fields).sampleType.rawValue | 1 << 40)
        attributes.sampleRegistersUser = 0b101
        attributes.sampleRegistersInterrupt = 0b10000
        let sample = try decodeSample(record, RecordLayout(attributes))
        for field in fields { #expect(field.isDecoded(sample, record.bytes), "\(field)") }
    }

    @Test func itHasNoIdentityTrailer() throws {
        let layout = RecordLayout.of([.time, .threadID], sampleIDAll: true)
        let decoded = try RecordBytes(type: 9).u32(7, 8).u64(99).bytes.decoded(layout)
        #expect(decoded.identity == SampleIdentity())
        guard case .sample(let sample) = decoded.record else { throw NotASample() }
        #expect(sample.pid == 7 && sample.tid == 8 && sample.time == 99)
    }
}
