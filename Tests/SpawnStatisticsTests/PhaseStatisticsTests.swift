import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

@Suite struct PhaseStatisticsTests {
    @Test func nothingIsKnownOfNone() {
        let statistics = PhaseStatistics()
        #expect(statistics.count == 0 && statistics.sum == 0)
        #expect(statistics.min == nil && statistics.max == nil && statistics.percentile(50) == nil)
    }

    @Test func fewDurationsAreExact() {
        var statistics = PhaseStatistics()
        for duration: UInt64 in [7, 3, 100, 0] { statistics.add(duration) }
        #expect(statistics.count == 4 && statistics.sum == 110 && statistics.mean == 27)
        #expect(statistics.min == 0 && statistics.max == 100)
        #expect(statistics.percentile(50) == 3 && statistics.percentile(75) == 7 && statistics.percentile(100) == 100)
    }

    /// Against the nearest rank in the sorted durations.
    @Test(arguments: 1...20)
    func quantilesAreWithinOnePercent(seed: UInt64) {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        var durations: [UInt64] = []
        var statistics = PhaseStatistics()
        for _ in 0..<(1 + random.next(below: 3000)) {
            // As many small ones as large ones.
            let shift = random.next(below: 40)
            let duration = (UInt64(1 + random.next(below: 1 << 20)) << UInt64(shift)) >> 18
            durations.append(duration)
            statistics.add(duration)
        }
        durations.sort()
        #expect(statistics.sum == durations.reduce(0, +))
        #expect(statistics.min == durations.first && statistics.max == durations.last)
        for percent in [1, 10, 50, 90, 99, 100] {
            let exact = durations[(durations.count * percent + 99) / 100 - 1]
            let found = statistics.percentile(percent) ?? 0
            let difference = found > exact ? found - exact : exact - found
            #expect(difference * 100 <= exact, "seed \(seed), p\(percent): \(found) for \(exact)")
        }
    }

    @Test func theLargestNumbersAreCounted() {
        var statistics = PhaseStatistics()
        for duration in [UInt64.max, .max, 1 << 63, 0] { statistics.add(duration) }
        #expect(statistics.sum == .max && statistics.max == .max && statistics.min == 0)
        #expect(statistics.percentile(75) ?? 0 > 1 << 63)
    }

    @Test func concurrencyIsTheMeanOfWhatLives() {
        var aggregate = SpawnAggregate()
        aggregate.start(at: 1_000_000_000)
        // Two through the whole second, one through its second half.
        for (pid, start) in [(1, 0), (2, 0), (3, 500)] {
            aggregate.count(MadeSpawn(pid: Int32(pid), start: 1_000 + UInt64(start), end: 2_000).spawn)
        }
        #expect(abs(aggregate.concurrency.mean - 2.5) < 0.01)
        #expect(aggregate.concurrency.means(2).map { ($0 * 10).rounded() / 10 } == [2, 3])
        #expect(aggregate.concurrency.means(50).count <= 50)
    }

    /// Times without any order, far before the start and at the end of all numbers.
    @Test func concurrencyTakesAnyTime() {
        var random = Xorshift(seed: 77)
        var concurrency = SpawnAggregate()
        concurrency.start(at: 1 << 40)
        for index in 0..<2000 {
            var spawn = MadeSpawn(pid: Int32(index), start: 0, end: 0).spawn
            spawn.borders = SpawnBorders(created: random.extreme())
            spawn.borders.ended = random.extreme()
            concurrency.count(spawn)
        }
        #expect(concurrency.totals.spawns == 2000 && concurrency.concurrency.means(40).count <= 40)
    }
}
