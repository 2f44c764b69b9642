import ByteAccess
import PerfData
import PerfRecords
import TestSupport
import Testing

@Suite struct RecordSorterTests {
    @Test func roundsAreMergedByTime() throws {
        var builder = FileBuilder.simple
        // Two rings, drained one after the other, twice; the second drain brings one older than the first's newest.
        for time: UInt64 in [10, 30, 20, 25] { builder.sample(tid: 1, time: time) }
        builder.finishRound()
        for time: UInt64 in [28, 50, 40] { builder.sample(tid: 1, time: time) }
        builder.finishRound()
        builder.sample(tid: 1, time: 45)
        #expect(try TemporaryFile(builder.bytes()).open().times() == [10, 20, 25, 28, 30, 40, 45, 50])
    }

    @Test func equalTimesKeepTheFilesOrder() throws {
        var builder = FileBuilder.simple
        for tid: Int32 in 1...50 { builder.sample(tid: tid, time: 7) }
        let file = try TemporaryFile(builder.bytes()).open()
        var tids: [Int32?] = []
        file.forEachRecord { record, _ in tids.append(record.load(Int32.self, at: 16)) }
        #expect(tids == Array(1...50))
    }

    @Test func recordsWithoutATimeComeWhereTheyStand() throws {
        var builder = FileBuilder.simple
        builder.sample(tid: 1, time: 100)
        builder.comm("early", tid: 2, time: 0)
        builder.sample(tid: 1, time: 90)
        #expect(try TemporaryFile(builder.bytes()).open().times() == [0, 90, 100])
    }

    /// The largest record that a header can tell of, between two small ones.
    @Test func aRecordOfNearly64KiB() throws {
        var builder = FileBuilder.simple
        builder.comm("before", tid: 1, time: 1)
        builder.comm(String(repeating: "x", count: 65_487), tid: 2, time: 2)
        builder.comm("behind", tid: 3, time: 3)
        let file = try TemporaryFile(builder.bytes()).open()
        var sizes: [Int] = []
        file.forEachRecord { record, _ in sizes.append(record.byteCount) }
        #expect(sizes.count == 3 && sizes[1] == 65_528)
        #expect(file.damage == nil)
    }

    /// A machine of a thousand CPUs: each round is a thousand rings, one behind the other.
    @Test func aThousandRings() throws {
        var builder = FileBuilder.simple
        var all: [UInt64] = []
        for round in 0..<3 {
            for ring in 0..<1000 {
                for record in 0..<5 {
                    // Every ring in order, all of them interleaved, and each round reaching into the one before.
                    let time = UInt64(round * 4000 + record * 1000 + ring + 1)
                    builder.sample(tid: Int32(ring), time: time)
                    all.append(time)
                }
            }
            builder.finishRound()
        }
        #expect(try TemporaryFile(builder.bytes()).open().times() == all.sorted())
    }

    /// Rings filled at random and drained at random moments, as a recorder does: what comes out is sorted.
    @Test(arguments: [RandomSeed.ofThisRun])
    func anyTrueRecordingComesOutSorted(seed: UInt64) throws {
        var generator = Xorshift(seed: seed)
        for _ in 0..<50 {
            var builder = FileBuilder.simple
            var rings = [[UInt64]](repeating: [], count: 4)
            var time: UInt64 = 1
            var all: [UInt64] = []
            for _ in 0..<generator.next(below: 400) {
                time += UInt64(generator.next(below: 3))
                all.append(time)
                rings[generator.next(below: 4)].append(time)
                if generator.next(below: 30) == 0 {
                    for ring in rings.indices {
                        for drained in rings[ring] { builder.sample(tid: 1, time: drained) }
                        rings[ring] = []
                        // More arrives in rings already drained while the others are.
                        if generator.next(below: 2) == 0 {
                            time += 1
                            all.append(time)
                            rings[ring].append(time)
                        }
                    }
                    builder.finishRound()
                }
            }
            for ring in rings { for drained in ring { builder.sample(tid: 1, time: drained) } }
            guard !all.isEmpty else { continue }
            #expect(try TemporaryFile(builder.bytes()).open().times() == all.sorted())
        }
    }
}
