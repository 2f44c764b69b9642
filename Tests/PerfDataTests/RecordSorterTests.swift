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

    /// Rings filled at random and drained at random moments, as a recorder does: what comes out is sorted.
    @Test(arguments: [UInt64.random(in: 0 ... .max)])
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
