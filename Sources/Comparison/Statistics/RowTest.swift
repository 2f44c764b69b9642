internal import Glibc

/// Tests one metric of one scope, whose values are given run by run; what is not known is `nil`.
struct RowTest {
    let order: RecordingOrder
    let options: ComparisonOptions

    /// What a test of times, or of counts that vary, says.
    struct Outcome {
        var ratio: Double
        var interval: ClosedRange<Double>?
        var p: Double
        /// There is an evident trend over the order of recording.
        var hasTrend = false
        /// What the test would say if nothing could drift.
        var pWithoutTrend: Double?
    }

    /// Times below a nanosecond count as one, counts of none as a half: ratios are of logarithms.
    static func logarithm(_ value: Double, isCount: Bool) -> Double { log(max(value, isCount ? 0.5 : 1)) }

    /// `nil` where a side has no run that tells, or both together no two.
    func outcome(base: [Double?], head: [Double?], tests: Int, draws: Int) -> Outcome? {
        let (known, knownHead) = (base.compactMap(\.self), head.compactMap(\.self))
        guard !known.isEmpty, !knownHead.isEmpty else { return nil }
        // One seed: the same runs have the same verdict, whatever else is compared beside them.
        var generator = SplitMix64(seed: 0x5350_4157_4e53_434f)
        let change = Self.mean(knownHead) - Self.mean(known)
        if case .paired(let pairs) = order {
            let differences = pairs.compactMap { pair in
                base[pair.base].flatMap { of in head[pair.head].map { $0 - of } }
            }
            // Fewer pairs than can pass the level alone are compared as two samples, which in turns is the more careful way.
            let isEnough = RunsNeeded.smallestP(differences.count, true) * Double(max(tests, 1)) <= options.level
            if isEnough || differences.count < 3,
                let values = SignFlipTest.typicalValues(
                    differences: differences, draws: draws, generator: &generator)
            {
                return Outcome(
                    ratio: exp(Self.mean(differences)), interval: interval(values), p: values.p)
            }
        }
        guard
            let values = PermutationTest.typicalValues(
                base: known, head: knownHead, draws: draws, generator: &generator)
        else { return Outcome(ratio: exp(change), interval: nil, p: 1) }
        var outcome = Outcome(ratio: exp(change), interval: interval(values), p: values.p)
        guard case .known(let places) = order else { return outcome }
        let runs = places.compactMap { place in
            (place.isHead ? head[place.index] : base[place.index]).map { (value: $0, isHead: place.isHead) }
        }
        let trend = TrendTest(
            values: runs.map(\.value), isHead: runs.map(\.isHead), draws: draws, generator: &generator)
        outcome.hasTrend = trend.pTrend <= Self.evidentTrend
        outcome.pWithoutTrend = outcome.p
        outcome.p = max(outcome.p, trend.p)
        // What drifts so much need not do it along a line, and then there is no saying what is left: an interval would be narrow,
        // and beside the truth.
        if outcome.hasTrend {
            outcome.interval = nil
            outcome.p = 1
        }
        return outcome
    }

    /// From here on sides are not called alike because a drift may have hidden what changed.
    private static let evidentTrend = 0.05

    private func interval(_ values: TypicalValues) -> ClosedRange<Double>? {
        values.interval(confidence: options.confidence).flatMap {
            let (lower, upper) = (exp($0.lowerBound), exp($0.upperBound))
            return lower.isFinite && upper.isFinite ? lower...upper : nil
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(max(values.count, 1))
    }
}
