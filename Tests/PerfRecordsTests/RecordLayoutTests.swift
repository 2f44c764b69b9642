import PerfRecords
import Testing

/// Where time, id and thread of a record stand, without decoding it.
@Suite struct RecordLayoutTests {
    /// The nine bits of fixed length, in the order in which a sample has them, each with a word of its own.
    private static let leading: [(bit: UInt64, value: UInt64)] = [
        (16, 0xa16), (0, 0xa00), (1, 0xa01), (2, 0xa02), (3, 0xa03), (6, 0xa06), (9, 0xa09), (7, 0xa07), (8, 0xa08),
    ]

    @Test func inEverySampleWithFieldsOfFixedLength() {
        for subset in 0..<512 {
            let fields = Self.leading.enumerated().filter { subset & (1 << $0.offset) != 0 }.map(\.element)
            // A callchain follows, so that the end of the record says nothing.
            let record = RecordBytes(type: 9).u64(fields.map(\.value)).u64(1, 0xbad)
            let bytes = record.bytes
            let type = SampleType(rawValue: fields.reduce(1 << 5) { $0 | 1 << $1.bit })
            let layout = RecordLayout.of(type, sampleIDAll: true)

            func value(_ bit: UInt64) -> UInt64? { fields.first { $0.bit == bit }?.value }
            func word(at offset: Int) -> UInt64? { offset < 0 ? nil : bytes.words(offset..<offset + 8).first }
            #expect(layout.time(of: .sample, in: bytes.span.bytes) == value(2))
            #expect(layout.id(of: .sample, in: bytes.span.bytes) == value(16) ?? value(6))
            #expect(word(at: layout.sampleTimeOffset) == value(2))
            #expect(word(at: layout.sampleIDOffset) == value(16) ?? value(6))
            #expect(word(at: layout.sampleThreadOffset) == value(1))
            #expect(word(at: layout.sampleCPUOffset) == value(7))
            #expect(word(at: layout.samplePeriodOffset) == value(8))
        }
    }

    @Test func inEveryTrailer() {
        for trailer in IdentityTrailer.every {
            let bytes = trailer.append(to: RecordBytes(type: 3).u32(10, 11).text("a longer name")).bytes
            let layout = trailer.layout
            let time: UInt64? = trailer.has(2) ? 0xf02 : nil
            let id: UInt64? = trailer.has(16) ? 0xf16 : trailer.has(6) ? 0xf06 : nil
            #expect(layout.time(of: .comm, in: bytes.span.bytes) == time, "\(trailer)")
            #expect(layout.id(of: .comm, in: bytes.span.bytes) == id, "\(trailer)")
            #expect(layout.identitySize == trailer.append(to: RecordBytes(type: 3)).count - 8)
            #expect(layout.trailingTimeDistance == 0 || trailer.has(2))
        }
    }

    @Test func fieldsOfSamplesAloneAreNotInTheTrailer() {
        let layout = RecordLayout.of([.time, .instructionPointer, .callchain, .period, .raw], sampleIDAll: true)
        #expect(layout.identitySize == 8)
        let bytes = RecordBytes(type: 14).u64(99).bytes
        #expect(layout.time(of: .switch, in: bytes.span.bytes) == 99)
        #expect(layout.id(of: .switch, in: bytes.span.bytes) == nil)
    }

    @Test func withoutSampleIDAllOnlySamplesHaveThem() {
        let layout = RecordLayout.of([.time, .identifier])
        #expect(layout.identitySize == 0)
        let words = RecordBytes(type: 3).u64(1, 2)
        #expect(layout.time(of: .comm, in: words.bytes.span.bytes) == nil)
        #expect(layout.id(of: .comm, in: words.bytes.span.bytes) == nil)
        #expect(layout.time(of: .sample, in: words.bytes.span.bytes) == 2)
        #expect(layout.id(of: .sample, in: words.bytes.span.bytes) == 1)
    }

    /// perf's own records end with their payload, which is no trailer.
    @Test(arguments: [64, 68, 71, 83, .max] as [UInt32])
    func recordsOfPerfHaveNeither(type: UInt32) {
        let layout = RecordLayout.of([.time, .identifier], sampleIDAll: true)
        let bytes = RecordBytes(type: type).u64(1, 2, 3, 4).bytes
        #expect(layout.time(of: RecordType(rawValue: type), in: bytes.span.bytes) == nil)
        #expect(layout.id(of: RecordType(rawValue: type), in: bytes.span.bytes) == nil)
    }

    @Test(arguments: 0..<24)
    func recordsTooShortHaveNeither(count: Int) {
        let layout = RecordLayout.of([.identifier, .time], sampleIDAll: true)
        let bytes = [UInt8](repeating: 0xff, count: count)
        #expect(layout.time(of: .comm, in: bytes.span.bytes) == nil)
        #expect(layout.id(of: .comm, in: bytes.span.bytes) == nil)
        #expect(layout.time(of: .sample, in: bytes.span.bytes) == nil)
        #expect((layout.id(of: .sample, in: bytes.span.bytes) == nil) == (count < 16))
    }

    @Test func registersAreCountedFromTheirMasks() {
        let layout = RecordLayout.of(userRegisters: .max, interruptRegisters: 1 << 63 | 1)
        #expect(layout.registersUserCount == 64 && layout.registersInterruptCount == 2)
    }
}
