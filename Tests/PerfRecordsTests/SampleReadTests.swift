import PerfRecords
import Testing

/// One counter's words, as a group member has them.
struct ReadCounter: Equatable {
    var value: UInt64
    var id: UInt64
    var lost: UInt64

    static let three = [
        ReadCounter(value: 0xa1, id: 0xb1, lost: 0xc1), ReadCounter(value: 0xa2, id: 0xb2, lost: 0xc2),
        ReadCounter(value: 0xa3, id: 0xb3, lost: 0xc3),
    ]

    /// What is left of it where the format has no id or lost count.
    func expected(_ format: ReadFormat) -> ReadCounter {
        ReadCounter(
            value: value, id: format.rawValue & 4 != 0 ? id : 0, lost: format.rawValue & 16 != 0 ? lost : 0)
    }
}

extension RecordBytes {
    static let enabled: UInt64 = 0xe0ab1ed
    static let running: UInt64 = 0x2122

    /// `struct read_format`: TOTAL_TIME_ENABLED is bit 0, TOTAL_TIME_RUNNING 1, ID 2, GROUP 3, LOST 4. Without a group the
    /// first counter alone is written, its value before the times.
    func readFormat(_ format: ReadFormat, _ counters: [ReadCounter]) -> RecordBytes {
        let bits = format.rawValue
        let isGroup = bits & 8 != 0
        var words: [UInt64] = isGroup ? [UInt64(counters.count)] : [counters[0].value]
        if bits & 1 != 0 { words.append(Self.enabled) }
        if bits & 2 != 0 { words.append(Self.running) }
        for counter in isGroup ? counters[...] : counters[..<1] {
            if isGroup { words.append(counter.value) }
            if bits & 4 != 0 { words.append(counter.id) }
            if bits & 16 != 0 { words.append(counter.lost) }
        }
        return u64(words)
    }
}

/// Counter values in samples and in READ records, for each of the 32 read formats.
@Suite struct SampleReadTests {
    private func expect(_ values: ReadValues, _ counters: [ReadCounter], _ format: ReadFormat, in bytes: [UInt8]) {
        let bits = format.rawValue
        #expect(values.timeEnabled == (bits & 1 != 0 ? RecordBytes.enabled : 0))
        #expect(values.timeRunning == (bits & 2 != 0 ? RecordBytes.running : 0))
        let members = (0..<values.count).map { values.member($0, in: bytes.span.bytes) }
        let found = members.map { $0.map { ReadCounter(value: $0.value, id: $0.id, lost: $0.lost) } }
        #expect(found == counters.map { $0.expected(format) })
        #expect(values.member(-1, in: bytes.span.bytes) == nil)
        #expect(values.member(values.count, in: bytes.span.bytes) == nil)
        #expect(values.member(.max, in: bytes.span.bytes) == nil)
        #expect(values.member(.min, in: bytes.span.bytes) == nil)
    }

    /// A group of 0…3 counters; one counter where there is no group.
    private func cases(_ format: ReadFormat) -> [[ReadCounter]] {
        let sizes = format.rawValue & 8 != 0 ? 0...3 : 1...1
        return sizes.map { Array(ReadCounter.three[..<$0]) }
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func inASample(bits: UInt64) throws {
        let format = ReadFormat(rawValue: bits)
        for counters in cases(format) {
            // A field before and one behind show that neither end is off.
            let record = RecordBytes(type: 9).u64(77).readFormat(format, counters).u64(88)
            let sample = try decodeSample(record, .of([.period, .read, .cgroup], read: format))
            #expect(sample.period == 77 && sample.cgroup == 88)
            expect(sample.read, counters, format, in: record.bytes)
        }
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func inAReadRecord(bits: UInt64) throws {
        let format = ReadFormat(rawValue: bits)
        for counters in cases(format) {
            let record = RecordBytes(type: 8).u32(10, 11).readFormat(format, counters).u64(99)
            let decoded = try record.bytes.decoded(.of(.time, read: format, sampleIDAll: true))
            guard case .read(10, 11, let values) = decoded.record else {
                Issue.record("\(decoded.record)")
                return
            }
            expect(values, counters, format, in: record.bytes)
            #expect(decoded.identity.time == 99)
        }
    }
}
