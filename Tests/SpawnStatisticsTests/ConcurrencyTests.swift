@testable import SpawnStatistics
import TestSupport
import Testing

/// The most that live at one moment, beside a count at every moment.
@Suite struct ConcurrencyTests {
    private func peak(_ stretches: [(began: UInt64, ended: UInt64)]) -> Int {
        var concurrency = Concurrency(start: 0)
        for stretch in stretches { concurrency.add(from: stretch.began, to: stretch.ended) }
        return concurrency.peak
    }

    @Test func stretchesThatOverlapAndThatTouch() {
        #expect(peak([]) == 0 && peak([(5, 5)]) == 0 && peak([(1, 2)]) == 1)
        #expect(peak([(1, 5), (5, 9)]) == 1 && peak([(1, 6), (5, 9)]) == 2)
        #expect(peak([(1, 9), (2, 3), (4, 5), (6, 7)]) == 2)
        // The first is the highest, though fewer follow for long.
        #expect(peak([(1, 3), (1, 3), (2, 3), (4, 500_000_000), (5, 500_000_000)]) == 3)
    }

    /// In the order in which they were reaped, which is not that of their ends.
    @Test(arguments: UInt64(1)...40)
    func asACountAtEveryMoment(seed: UInt64) {
        var random = Xorshift(seed: seed)
        let span = [20, 200, 2_000_000][random.next(below: 3)]
        let stretches = (0..<1 + random.next(below: 300)).map { _ in
            let began = random.next(below: span)
            return (began: UInt64(began), ended: UInt64(began + random.next(below: span / 4)))
        }
        let starts = stretches.map(\.began)
        let expected = starts.map { start in stretches.count { $0.began <= start && start < $0.ended } }.max() ?? 0
        #expect(peak(stretches) == expected)
    }

    /// More than wait for others that end earlier: handed on in the order of their ends.
    @Test func moreThanWait() {
        let count = UInt64(EndOrder.most * 2)
        // Each lives beside two before and two after it; every other one is reaped ten later.
        var stretches = (0..<count).map { (began: $0 * 10, ended: $0 * 10 + 25) }
        for index in stride(from: 0, to: stretches.count - 10, by: 20) { stretches.swapAt(index, index + 10) }
        #expect(peak(stretches) == 3)
    }

    /// Memory is bounded by what lives at a time: the tally of a million that follow each other has one moment.
    @Test func aTallyForgets() {
        var tally = PeakTally()
        for index in 0..<UInt64(1_000_000) { tally.add(from: index * 10, to: index * 10 + 15) }
        #expect(tally.peak == 2)
        #expect(MemoryLayout.size(ofValue: tally) == 8 && "\(tally)".count < 500)
    }
}
