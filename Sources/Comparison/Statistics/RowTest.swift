internal import Glibc

/// Tests one metric of one scope. Values are given per run; `nil` is not known.
struct RowTest {
    let order: RecordingOrder
    let options: ComparisonOptions

    /// The result of a test of times, or of counts that vary.
    struct Outcome {
        var ratio: Double
        var interval: ClosedRange<Double>?
        var p: Double
        /// Whether there is a clear trend over the recording order.
        var hasTrend = false
        /// The p-value without allowing for drift.
        var pWithoutTrend: Double?
    }

    /// The logarithm of a value, since tests are of ratios. Times below 1 ns count as 1 ns, and a count of 0 as 0.5.
    static func logarithm(_ value: Double, isCount: Bool) -> Double { log(max(value, isCount ? 0.5 : 1)) }

    /// `nil` if a side has no known value.
    func outcome(base: [Double?], head: [Double?], tests: Int, draws: Int) -> Outcome? {
        let (known, knownHead) = (base.compactMap(\.self), head.compactMap(\.self))
        guard !known.isEmpty, !knownHead.isEmpty else { return nil }
        // A fixed seed: the same runs get the same verdict, whatever else is compared.
        var generator = SplitMix64(seed: 0x5350_4157_4e53_434f)
        let change = Self.mean(knownHead) - Self.mean(known)
        if case .paired(let pairs) = order {
            let differences = pairs.compactMap { pair in
                base[pair.base].flatMap { of in head[pair.head].map { $0 - of } }
            }
            // If there are too few pairs to pass the level alone, the runs are compared as two samples, which is
            // conservative for runs recorded in turns.
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
        // Drift this strong need not be linear. What is left after a linear fit would then be wrong, and the interval
        // narrow but off the true value.
        if outcome.hasTrend {
            outcome.interval = nil
            outcome.p = 1
        }
        return outcome
    }

    /// With `pTrend` up to this, the sides are not called the same, since drift may hide a change.
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
