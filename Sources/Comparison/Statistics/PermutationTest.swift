/// The permutation test of two independent samples by the difference of their means.
///
/// If nothing changed, every arrangement of the runs on the two sides was equally likely. All arrangements are tried if
/// there are few, otherwise a sample of `draws` random ones.
/// (Fisher, "The Design of Experiments", 1935; Pitman, "Significance tests which may be applied to samples from any populations",
/// 1937; the Monte Carlo form: Dwass, "Modified randomization tests for nonparametric hypotheses", 1957)
package enum PermutationTest {
    /// Up to this many arrangements are enumerated.
    package static let mostExact = 20_000

    /// `nil` if a side has no run, or each has only one.
    package static func typicalValues(
        base: [Double], head: [Double], draws: Int, generator: inout some RandomNumberGenerator
    ) -> TypicalValues? {
        guard !base.isEmpty, !head.isEmpty, base.count + head.count > 2 else { return nil }
        let values = base + head
        var shifts: [Double] = []
        if let count = arrangements(base.count, head.count), count <= mostExact {
            shifts.reserveCapacity(count - 1)
            var chosen = Array(0..<head.count)
            repeat {
                if let shift = shift(values, base.count, head: chosen) { shifts.append(shift) }
            } while advance(&chosen, below: values.count)
        } else {
            shifts.reserveCapacity(draws)
            var order = Array(values.indices)
            for _ in 0..<draws {
                for place in 0..<head.count {
                    order.swapAt(place, Int.random(in: place..<order.count, using: &generator))
                }
                if let shift = shift(values, base.count, head: order[..<head.count]) { shifts.append(shift) }
            }
            return TypicalValues(shifts, alsoObserved: draws - shifts.count)
        }
        return TypicalValues(shifts)
    }

    /// The number of arrangements, a binomial coefficient; `nil` on overflow.
    static func arrangements(_ base: Int, _ head: Int) -> Int? {
        var count = 1
        for step in 1...max(1, min(base, head)) where min(base, head) > 0 {
            let (product, overflow) = count.multipliedReportingOverflow(by: base + head - step + 1)
            guard !overflow else { return nil }
            count = product / step
        }
        return count
    }

    /// The typical value of an arrangement: the mean of the head's values that move to the base, less the mean of the
    /// base's values that move to the head. `nil` if none moves.
    private static func shift(_ values: [Double], _ baseCount: Int, head: some Collection<Int>) -> Double? {
        var (fromBase, swapped, headSum) = (0.0, 0, 0.0)
        for index in head {
            if index < baseCount {
                fromBase += values[index]
                swapped += 1
            } else {
                headSum += values[index]
            }
        }
        guard swapped > 0 else { return nil }
        var allHead = 0.0
        for index in baseCount..<values.count { allHead += values[index] }
        return ((allHead - headSum) - fromBase) / Double(swapped)
    }

    /// Advances to the next combination in lexicographic order; false after the last.
    private static func advance(_ chosen: inout [Int], below count: Int) -> Bool {
        var place = chosen.count - 1
        while place >= 0, chosen[place] == count - chosen.count + place { place -= 1 }
        guard place >= 0 else { return false }
        chosen[place] += 1
        for next in chosen.indices where next > place { chosen[next] = chosen[next - 1] + 1 }
        return true
    }
}
