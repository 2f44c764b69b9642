import Analysis
import ByteAccess
import PerfData
import PerfRecords
import Session
import SpawnModel
import TestSupport
import Testing

/// Thirty-five thousand damaged files, made from the start of each real recording: bytes, lengths, order and ends changed.
/// Nothing may trap, and nothing may be counted that a file of that size has no room for.
///
/// The whole analysis of such files is `DamagedRecordingTests`; here it is reading, counting and taking stock, which is
/// quick enough for many inputs.
@Suite struct MutationTests {
    private static let inputsPerRecording = 5_000

    @Test(arguments: Recording.names, [RandomSeed.ofThisRun])
    func neverTraps(name: String, seed: UInt64) throws {
        // The seed is an argument, so a failure prints it.
        let recording = ShortRecording(try Recording(name).bytes)
        let memory = try MemoryFile()
        var random = Xorshift(seed: seed)
        var opened = 0
        for _ in 0..<Self.inputsPerRecording {
            let bytes = recording.mutated(&random)
            try memory.write(bytes)
            guard let file = try? PerfDataFile(path: memory.path), let session = try? Session(file) else { continue }
            opened += 1
            let room = bytes.count / RecordHeader.size
            let summary = SessionSummary(session)
            guard summary.records <= room, summary.totals.spawns <= room else {
                Issue.record("more records than the file has room for")
                return
            }
            if opened % 8 == 0, SessionInventory(session).recordCount > room {
                Issue.record("more records in the inventory than the file has room for")
                return
            }
        }
        // Most inputs must get past the header, or this tests nothing.
        #expect(opened > Self.inputsPerRecording / 3)
    }
}

/// The header, the tables and the first records of a recording, small enough to be read thousands of times a second.
private struct ShortRecording {
    private let bytes: [UInt8]
    /// Where each record starts.
    private var records: [Int] = []
    private let dataStart: Int
    private static let length = 2400

    init(_ whole: [UInt8]) {
        let span = whole.span.bytes
        let isPipe = span.load(UInt64.self, at: 8) == 16
        dataStart = isPipe ? 16 : Int(span.load(UInt64.self, at: 40) ?? 0)
        var offset = dataStart
        var starts: [Int] = []
        while let header = RecordHeader(decoding: span, at: offset), header.size >= 8,
            offset + header.size <= min(whole.count, dataStart + Self.length)
        {
            starts.append(offset)
            offset += header.size
        }
        var short = Array(whole[..<offset])
        // As a killed recorder leaves it: no size, no features behind the data.
        if !isPipe { short.store(UInt64(0), at: 48) }
        bytes = short
        records = starts
    }

    func mutated(_ random: inout Xorshift) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.next(below: 4) {
            let isInData = random.next(below: 4) > 0
            let offset =
                isInData ? dataStart + random.next(below: bytes.count - dataStart) : random.next(below: dataStart)
            switch random.next(below: 6) {
            case 0: bytes[offset] ^= 1 << UInt8(random.next(below: 8))
            case 1: bytes[offset] = UInt8(random.next(below: 256))
            case 2: bytes.store(random.extreme(), at: offset & ~7)
            case 3: bytes.store(UInt32(truncatingIfNeeded: random.extreme()), at: offset & ~3)
            case 4:
                // A record's length.
                let record = records[random.next(below: records.count)]
                bytes.store(UInt16(random.next(below: 300)), at: record + 6)
            default: swap(&bytes, &random)
            }
        }
        if random.next(below: 8) == 0 { bytes.removeLast(random.next(below: bytes.count - dataStart)) }
        return bytes
    }

    /// Two neighbouring records change places.
    private func swap(_ bytes: inout [UInt8], _ random: inout Xorshift) {
        guard records.count > 2 else { return }
        let first = random.next(below: records.count - 2)
        let (start, middle, end) = (records[first], records[first + 1], records[first + 2])
        bytes.replaceSubrange(start..<end, with: Array(bytes[middle..<end]) + Array(bytes[start..<middle]))
    }
}
