import ByteAccess
import PerfRecords
import TestSupport
import Testing

/// Random records, well formed and mutated. `SPAWNSCOPE_TEST_SEED=… swift test` repeats the run that printed the number.
@Suite struct RoundTripTests {
    @Test func wellFormedRecordsComeBackAsTheyWere() throws {
        var random = SeededGenerator(seed: RandomSeed.ofThisRun)
        var types: Set<UInt32> = []
        for round in 0..<6000 {
            let record = RandomRecord(using: &random)
            let decoded: Record.Decoded
            do {
                decoded = try record.bytes.decoded(record.layout)
            } catch {
                Issue.record("seed \(RandomSeed.ofThisRun), round \(round): \(error) in \(record)")
                continue
            }
            var encoded: [UInt8] = []
            let wasWritten = decoded.encode(into: &encoded, source: record.bytes.span.bytes, layout: record.layout)
            types.insert(decoded.header.type.rawValue)
            guard !wasWritten || encoded != record.bytes else { continue }
            Issue.record("seed \(RandomSeed.ofThisRun), round \(round): \(record) became \(encoded)")
        }
        #expect(types.isSuperset(of: 1...22))
    }

    /// Whatever the bytes: an error or a record whose ranges lie inside, and never a trap.
    @Test func mutatedRecordsNeverTrap() {
        var random = SeededGenerator(seed: ~RandomSeed.ofThisRun)
        var decodedCount = 0
        var otherLayout = RecordLayout.of()
        for round in 0..<4000 {
            let record = RandomRecord(using: &random)
            for _ in 0..<8 {
                let bytes = random.mutated(record.bytes)
                // Now and then the attributes are another event's.
                let layout = random.below(4) == 0 ? otherLayout : record.layout
                guard let decoded = try? bytes.decoded(layout) else { continue }
                decodedCount += 1
                guard ranges(of: decoded.record).allSatisfy({ 0 <= $0.lowerBound && $0.upperBound <= bytes.count })
                else {
                    Issue.record("seed \(RandomSeed.ofThisRun), round \(round): \(decoded.record) of \(bytes)")
                    continue
                }
                use(decoded, bytes, layout)
            }
            otherLayout = record.layout
        }
        // Mutations that nothing survives would test the first check only.
        #expect(decodedCount > 4000 && decodedCount < 32000)
    }

    @Test func mutatedFormatsNeverTrap() {
        var random = SeededGenerator(seed: RandomSeed.ofThisRun ^ 0x5555)
        let text = """
            name: n
            ID: 5
            \(TracepointFormatTests.common)
            \tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:__rel_loc char[] blob;\toffset:12;\tsize:4;\tsigned:0;
            \tfield:char comm[16];\toffset:9223372036854775807;\tsize:9223372036854775807;\tsigned:0;
            """
        let record = random.bytes(48)
        for _ in 0..<500 {
            var bytes = Array(text.utf8)
            for _ in 0...random.below(6) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            guard let format = TracepointFormat(system: "s", text: String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            let start = random.below(48)
            let raw = start..<start + random.below(49 - start)
            for field in format.fields {
                _ = field.place.integer(in: record.span.bytes, raw: raw)
                guard let range = field.place.text(in: record.span.bytes, raw: raw) else { continue }
                #expect(raw.lowerBound <= range.lowerBound && range.upperBound <= raw.upperBound, "\(format)")
            }
        }
    }

    /// Everything that one does with a record.
    private func use(_ decoded: Record.Decoded, _ bytes: [UInt8], _ layout: RecordLayout) {
        let span = bytes.span.bytes
        var encoded: [UInt8] = [1]
        decoded.encode(into: &encoded, source: span, layout: layout)
        _ = layout.time(of: decoded.header.type, in: span)
        _ = layout.id(of: decoded.header.type, in: span)
        switch decoded.record {
        case .comm(let comm): _ = span.string(in: comm.name)
        case .mmap(let mapping): _ = span.string(in: mapping.path)
        case .read(_, _, let values): for index in -1...values.count { _ = values.member(index, in: span) }
        case .sample(let sample): for index in -1...sample.read.count { _ = sample.read.member(index, in: span) }
        default: break
        }
    }
}
