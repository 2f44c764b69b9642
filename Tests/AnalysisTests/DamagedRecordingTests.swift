import ByteAccess
import PerfRecords
import TestSupport
import Testing

/// Recordings with bytes changed at random: whatever a file holds, nothing traps and no count exceeds what it has room for.
@Suite struct DamagedRecordingTests {
    @Test(arguments: Recording.names, [RandomSeed.ofThisRun])
    func bytesChanged(name: String, seed: UInt64) throws {
        let recording = try Recording(name)
        let memory = try MemoryFile()
        var random = Xorshift(seed: seed)
        var analysed = 0
        for round in 0..<100 {
            var bytes = recording.bytes
            // Headers and tables are few among the bytes: half of the changes go there.
            let reach = round % 2 == 0 ? bytes.count : min(bytes.count, 1200)
            for _ in 0..<random.next(below: 8) + 1 {
                let offset = random.next(below: reach)
                switch random.next(below: 4) {
                case 0: bytes[offset] ^= 1 << UInt8(random.next(below: 8))
                case 1: bytes[offset] = UInt8(random.next(below: 256))
                case 2: bytes.store(random.extreme(), at: offset & ~7)
                default: bytes.store(UInt32(truncatingIfNeeded: random.extreme()), at: offset & ~3)
                }
            }
            if random.next(below: 10) == 0 { bytes.removeLast(random.next(below: bytes.count)) }
            try memory.write(bytes)
            if FullAnalysis(path: memory.path) != nil { analysed += 1 }
        }
        // Most inputs must get past the header, or this tests nothing.
        #expect(analysed > 33)
    }
}
