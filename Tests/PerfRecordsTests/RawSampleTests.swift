import PerfRecords
import TestSupport
import Testing

/// The short way of reading a sample beside the long one.
@Suite struct RawSampleTests {
    private func both(_ bytes: [UInt8], _ layout: RecordLayout) -> (short: Read, long: Read) {
        let span = bytes.span.bytes
        return (
            Read { () throws(RecordError) in try RawSample(decoding: span, layout: layout) },
            Read { () throws(RecordError) in RawSample(try Sample(decoding: span, layout: layout)) }
        )
    }

    private enum Read: Equatable {
        case sample(RawSample)
        case error(RecordError)

        init(_ read: () throws(RecordError) -> RawSample) {
            do throws(RecordError) { self = .sample(try read()) } catch { self = .error(error) }
        }
    }

    /// Fields before the raw bytes alone, and all that there are.
    @Test(arguments: [SampleType(rawValue: 0x107ef), .known])
    func bothWaysAgree(fields: SampleType) {
        var random = SeededGenerator(seed: RandomSeed.ofThisRun &+ fields.rawValue)
        var samples = 0
        var errors = 0
        for round in 0..<4000 {
            let record = RandomRecord(using: &random, fields: fields, isSample: true)
            for bytes in [record.bytes] + (0..<4).map({ _ in random.mutated(record.bytes) }) where bytes.count >= 8 {
                let (short, long) = both(bytes, record.layout)
                if case .sample = long { samples += 1 } else { errors += 1 }
                guard short != long else { continue }
                Issue.record("seed \(RandomSeed.ofThisRun), round \(round): \(short), not \(long), of \(bytes)")
            }
        }
        #expect(samples > 4000 && errors > 1000, "\(samples) \(errors)")
    }
}
