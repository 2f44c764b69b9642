import Testing

@testable import Comparison

/// Each method beside figures worked out by hand, or known from its definition.
@Suite struct StatisticsTests {
    private var generator = SplitMix64(seed: 1)

    /// Vigna's reference implementation, seed 1234567.
    @Test func generatorIsTheKnownOne() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in generator.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test func holm() {
        #expect(HolmCorrection.adjusted([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06])
        #expect(HolmCorrection.adjusted([0.5, 0.9]) == [1, 1])
        #expect(HolmCorrection.adjusted([]) == [])
    }

    /// All 6 ways to divide 4 runs; only the observed one has the head so far above.
    @Test mutating func permutationOfAllArrangements() throws {
        let values = try #require(
            PermutationTest.typicalValues(base: [1, 2], head: [4, 6], draws: 10, generator: &generator))
        #expect(values.rearrangements == 6)
        #expect(values.pAbove == 1.0 / 6 && values.pBelow == 1 && values.p == 2.0 / 6)
        // Exchanged one for one the differences are 3, 5, 2 and 4, both for both 3.5.
        #expect(values.interval(confidence: 2.0 / 3) == 2...5)
        #expect(values.interval(confidence: 0.95) == nil)
    }

    /// Of 2, 3 and 7 the means of every choice are 2, 3, 7, 2.5, 4.5, 5 and 4.
    @Test mutating func signsOfAllPairs() throws {
        let values = try #require(
            SignFlipTest.typicalValues(differences: [2, 3, 7], draws: 10, generator: &generator))
        #expect(values.rearrangements == 8)
        #expect(values.pAbove == 1.0 / 8 && values.p == 2.0 / 8)
        #expect(values.interval(confidence: 0.75) == 2...7)
        #expect(values.interval(confidence: 0.5) == 2.5...5)
    }

    /// Drawn at random it says nearly what all arrangements say.
    @Test mutating func drawsStandForAll() throws {
        let differences = (0..<14).map { Double(($0 * 7) % 11) - 3 }
        let all = try #require(
            SignFlipTest.typicalValues(differences: differences, draws: 0, generator: &generator))
        let drawn = try #require(
            SignFlipTest.typicalValues(differences: differences + [0], draws: 20_000, generator: &generator))
        #expect(abs(all.pAbove - drawn.pAbove) < 0.01)
        let base = (0..<8).map { Double($0 * 5 % 7) }
        let head = base.map { $0 + 1 }
        let exact = try #require(
            PermutationTest.typicalValues(base: base, head: head, draws: 0, generator: &generator))
        let random = try #require(
            PermutationTest.typicalValues(base: base + [3], head: head + [4], draws: 20_000, generator: &generator))
        #expect(exact.rearrangements == 12870 && random.rearrangements == 20_001)
        #expect(abs(exact.pAbove - random.pAbove) < 0.06)
    }

    @Test mutating func equalSidesAreAsEqualAsCanBe() throws {
        let same = [Double](repeating: 0.1 + 0.2, count: 9)
        let values = try #require(
            PermutationTest.typicalValues(base: same, head: same, draws: 99, generator: &generator))
        #expect(values.p == 1 && values.interval(confidence: 0.95) == 0...0)
        #expect(PermutationTest.typicalValues(base: [1], head: [2], draws: 9, generator: &generator) == nil)
        #expect(SignFlipTest.typicalValues(differences: [], draws: 9, generator: &generator) == nil)
    }

    /// A step on top of a line is found, a line alone is none.
    @Test mutating func aTrendIsNoStep() {
        let noise = [0.1, -0.2, 0.05, 0.15, -0.1, 0.2, -0.15, 0.02, -0.05, 0.08]
        let isHead = (0..<20).map { $0 >= 10 }
        let line = (0..<20).map { Double($0) + noise[$0 % 10] }
        let drifted = TrendTest(values: line, isHead: isHead, draws: 999, generator: &generator)
        #expect(drifted.p > 0.05 && drifted.pTrend < 0.01)
        let step = (0..<20).map { noise[$0 % 10] + ($0 >= 10 ? 3 : 0) }
        let stepped = TrendTest(values: step, isHead: isHead, draws: 999, generator: &generator)
        #expect(stepped.pAbove < 0.01 && stepped.pTrend > 0.05)
        let none = TrendTest(
            values: [1, 1, 1, 1], isHead: [false, true, false, true], draws: 99, generator: &generator)
        #expect(none.p == 1 && none.pTrend == 1)
    }

    @Test func runsNeeded() {
        // 2 / C(12, 6) = 0.0022 passes 0.005, 2 / C(10, 5) = 0.0079 does not; in pairs 2 / 2^9 = 0.0039.
        #expect(RunsNeeded.aSide(level: 0.01, tests: 2, isPaired: false) == 6)
        #expect(RunsNeeded.aSide(level: 0.01, tests: 2, isPaired: true) == 9)
        #expect(RunsNeeded.aSide(level: 0.01, tests: 1, isPaired: true) == 8)
    }

    @Test func mediansAreWithinAThousandth() {
        var generator = SplitMix64(seed: 7)
        for count in [1, 2, 9, 1000] {
            let values = (0..<count).map { _ in UInt64.random(in: 0...50_000_000, using: &generator) }
            var tally = DurationTally()
            for value in values { tally.add(value) }
            let sorted = values.sorted()
            let exact = (Double(sorted[(count - 1) / 2]) + Double(sorted[count / 2])) / 2
            #expect(abs((tally.median ?? -1) - exact) <= exact * 0.001 + 0.5, "\(count)")
        }
        #expect(DurationTally().median == nil)
        var extreme = DurationTally()
        extreme.add(.max)
        extreme.add(.max)
        #expect(extreme.sum == .max && extreme.median ?? 0 > 1.8e19)
    }
}
