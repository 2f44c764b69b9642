import PerfRecords
import Testing

/// Recordings with bytes changed at random: whatever a file holds, nothing traps and no count exceeds what it has room for.
@Suite struct DamagedRecordingTests {
    @Test(arguments: Recording.names, [UInt64.random(in: 0 ... .max)])
    func bytesChanged(name: String, seed: UInt64) throws {
        let recording = try Recording(name)
        let memory = try MemoryFile()
        var random = Xorshift(seed: seed)
        for round in 0..<300 {
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
            _ = FullAnalysis(path: memory.path)
        }
    }
}

/// A generator whose whole state is its seed, so that a failure can be had again.
struct Xorshift {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next(below bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(bound, 1)))
    }

    /// A number where arithmetic goes wrong.
    mutating func extreme() -> UInt64 {
        let edges: [UInt64] = [0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, .max - 7, 1 << 63, 1 << 62]
        return edges[next(below: edges.count)]
    }
}
