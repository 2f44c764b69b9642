/// What a randomisation test says of a shift between two sides, for every shift at once.
///
/// Each rearrangement of the runs but the one that was observed has a *typical value*: the shift that, were it taken off the head
/// runs, would make the rearrangement's difference of means equal to the observed one. A shift that is larger than k of the m
/// typical values has the one-sided p-value (k + 1) / (m + 1), so that the test of "no shift" and the interval of all shifts
/// that the test does not reject are both read off the sorted list. The estimate with which m random rearrangements stand for
/// all of them is the same, and never 0.
/// (Hartigan, "Using subsample values as typical values", JASA 1969; Garthwaite, "Confidence intervals from randomization
/// tests", Biometrics 1996; Phipson and Smyth, "Permutation p-values should never be zero", 2010)
package struct TypicalValues: Hashable, Sendable {
    /// Ascending.
    private let shifts: [Double]
    /// Rearrangements that are the observed one: as extreme as it is, for every shift.
    private let observed: Int

    /// `alsoObserved`: how often the observed one was drawn among random ones. Values nearer to 0 than rounding errors of the sums
    /// come to are 0.
    package init(_ shifts: [Double], alsoObserved: Int = 0) {
        self.shifts = shifts.map { abs($0) < 1e-9 ? 0 : $0 }.sorted()
        observed = 1 + max(0, alsoObserved)
    }

    package var rearrangements: Int { shifts.count + observed }

    /// One-sided: how often chance alone would have the head at least this far above the base.
    package var pAbove: Double { Double(observed + firstIndex { $0 > 0 }) / Double(rearrangements) }

    package var pBelow: Double {
        Double(observed + shifts.count - firstIndex { $0 >= 0 }) / Double(rearrangements)
    }

    /// Two-sided.
    package var p: Double { min(1, 2 * min(pAbove, pBelow)) }

    /// The shifts that a two-sided test of 1 - `confidence` does not reject; `nil` where no shift is ever rejected: the runs are too
    /// few.
    package func interval(confidence: Double) -> ClosedRange<Double>? {
        // Without the margin 0.975 is 0.025 less than it is.
        let tail = Int((1 - confidence) / 2 * Double(rearrangements) + 1e-9) - observed + 1
        guard tail >= 1, shifts.indices.contains(tail - 1) else { return nil }
        let (lower, upper) = (shifts[tail - 1], shifts[shifts.count - tail])
        return lower <= upper ? lower...upper : nil
    }

    /// Binary search: `isBeyond` holds from one place on.
    private func firstIndex(where isBeyond: (Double) -> Bool) -> Int {
        var range = 0..<shifts.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBeyond(shifts[middle]) ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
