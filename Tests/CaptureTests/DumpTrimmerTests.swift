import ByteAccess
@testable import Capture
import PerfRecords
import TestSupport
import Testing

@Suite struct DumpTrimmerTests {
    private static let identifier: UInt64 = 77
    private static let dumpSize = 64

    /// `{ header; u64 identifier; u64 size; u8 data[size]; u64 dyn_size; }`, the data as if `used` bytes of it were written.
    private func sample(identifier: UInt64 = identifier, used: Int, kept: Int = dumpSize) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(9))
        bytes.store(UInt16(2))
        bytes.store(UInt16(8 + 8 + 8 + kept + 8))
        bytes.store(identifier)
        bytes.store(UInt64(kept))
        for index in 0..<kept { bytes.append(index < used ? UInt8(index + 1) : 0xee) }
        bytes.store(UInt64(used))
        return bytes
    }

    private func comm() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(3))
        bytes.store(UInt16(0))
        bytes.store(UInt16(24))
        bytes.store(UInt64(0x1234_5678))
        bytes += Array("true".utf8) + [0, 0, 0, 0]
        return bytes
    }

    /// What is kept of records that lie in a ring of 1024 bytes from `tail` on.
    private func trimmed(_ records: [UInt8], tail: UInt64 = 0) -> [UInt8] {
        var ring = [UInt8](repeating: 0xcc, count: 1024)
        for (index, byte) in records.enumerated() { ring[(Int(tail % 1024) + index) % 1024] = byte }
        var trimmer = DumpTrimmer(identifier: Self.identifier, dumpSize: Self.dumpSize)
        ring.withUnsafeBytes { trimmer.copy($0, tail: tail, head: tail &+ UInt64(records.count)) }
        return trimmer.records
    }

    @Test func keepsTheUsedPartInWholeWordsAndSaysItsSize() {
        #expect(trimmed(sample(used: 20)) == sample(used: 20, kept: 24))
        #expect(trimmed(sample(used: 64)) == sample(used: 64))
        #expect(trimmed(sample(used: 57)) == sample(used: 57))
        // A size of 0 would have no dyn_size behind it.
        #expect(trimmed(sample(used: 0)) == sample(used: 0, kept: 8))
    }

    @Test func leavesOtherRecordsAndOtherEventsAlone() {
        let records = comm() + sample(identifier: 78, used: 8) + sample(used: 8) + comm() + sample(used: 16) + comm()
        let expected =
            comm() + sample(identifier: 78, used: 8) + sample(used: 8, kept: 8) + comm() + sample(used: 16, kept: 16)
            + comm()
        #expect(trimmed(records) == expected)
    }

    @Test func trimsSeveralEvents() {
        let records = sample(identifier: 78, used: 8) + sample(used: 8) + sample(identifier: 79, used: 8)
        var trimmer = DumpTrimmer(identifier: Self.identifier, dumpSize: Self.dumpSize)
        trimmer.add(identifier: 79)
        let ring = records + [UInt8](repeating: 0, count: 1024 - records.count)
        ring.withUnsafeBytes { trimmer.copy($0, tail: 0, head: UInt64(records.count)) }
        let expected =
            sample(identifier: 78, used: 8) + sample(used: 8, kept: 8) + sample(identifier: 79, used: 8, kept: 8)
        #expect(trimmer.records == expected)
    }

    @Test func isTheSameWhereverTheRingWraps() {
        let records = comm() + sample(used: 30) + sample(used: 64) + comm()
        let expected = comm() + sample(used: 30, kept: 32) + sample(used: 64) + comm()
        for tail in stride(from: UInt64(0), to: 1024, by: 8) { #expect(trimmed(records, tail: tail) == expected) }
        // Positions grow beyond the ring, and wrap themselves after 2^64 bytes.
        #expect(trimmed(records, tail: 0 &- 104) == expected)
    }

    @Test func losesNothingButDumpsWhateverTheBytesAre() {
        var generator = Xorshift(seed: 20_261_123)
        for _ in 0..<2000 {
            var records = sample(used: 12) + comm() + sample(used: 40)
            let place = generator.next(below: records.count)
            records[place] = UInt8(generator.next(below: 256))
            let kept = trimmed(records)
            #expect(kept.count <= records.count && kept.count >= records.count - 2 * Self.dumpSize)
        }
        #expect(trimmed([9, 0, 0, 0, 0, 0, 0, 0]) == [9, 0, 0, 0, 0, 0, 0, 0])
    }
}
