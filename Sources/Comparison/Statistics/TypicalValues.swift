/// The result of a randomisation test for every shift between two sides at once.
///
/// Each rearrangement of the runs except the observed one has a *typical value*: the shift that, subtracted from the
/// head's runs, would make the rearrangement's difference of means equal to the observed one. A shift larger than k of
/// the m typical values has the one-sided p-value (k + 1) / (m + 1). So both the test of "no shift" and the interval of
/// all shifts that the test does not reject are read off the sorted list. With m random rearrangements the same formula
/// is an estimate that is never 0.
/// (Hartigan, "Using subsample values as typical values", JASA 1969; Garthwaite, "Confidence intervals from randomization
/// tests", Biometrics 1996; Phipson and Smyth, "Permutation p-values should never be zero", 2010)
package struct TypicalValues: Hashable, Sendable {
    /// The typical values, ascending.
    private let shifts: [Double]
    /// The number of rearrangements equal to the observed one, which are as extreme as it for every shift.
    private let observed: Int

    /// `alsoObserved` is how often the observed arrangement was among random ones. Values within the rounding errors of
    /// the sums count as 0.
    package init(_ shifts: [Double], alsoObserved: Int = 0) {
        self.shifts = shifts.map { abs($0) < 1e-9 ? 0 : $0 }.sorted()
        observed = 1 + max(0, alsoObserved)
    }

    package var rearrangements: Int { shifts.count + observed }

    /// One-sided p-value: how often chance alone would put the head at least this far above the base.
    package var pAbove: Double { Double(observed + firstIndex { $0 > 0 }) / Double(rearrangements) }

    package var pBelow: Double {
        Double(observed + shifts.count - firstIndex { $0 >= 0 }) / Double(rearrangements)
    }

    /// The two-sided p-value.
    package var p: Double { min(1, 2 * min(pAbove, pBelow)) }

    /// The shifts that a two-sided test of level 1 - `confidence` does not reject; `nil` if there are too few runs to
    /// reject any.
    package func interval(confidence: Double) -> ClosedRange<Double>? {
        // The margin keeps a rounding error from truncating a product that is a whole number.
        let tail = Int((1 - confidence) / 2 * Double(rearrangements) + 1e-9) - observed + 1
        guard tail >= 1, shifts.indices.contains(tail - 1) else { return nil }
        let (lower, upper) = (shifts[tail - 1], shifts[shifts.count - tail])
        return lower <= upper ? lower...upper : nil
    }

    /// Binary search for the first shift that is beyond; `isBeyond` must hold for all after it.
    private func firstIndex(where isBeyond: (Double) -> Bool) -> Int {
        var range = 0..<shifts.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBeyond(shifts[middle]) ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
