/// The paired randomisation test by the mean of the differences.
///
/// If nothing changed, the two runs of a pair could as well have been swapped, so every choice of signs of the
/// differences was equally likely. Drift that is slow compared to a pair affects both of its runs and cancels. If the
/// order within each pair was random, the test is exact whatever the noise. All choices are tried if there are few,
/// otherwise `draws` random ones.
/// (Fisher, "The Design of Experiments", 1935, section 21; Hartigan, "Using subsample values as typical values", JASA 1969)
package enum SignFlipTest {
    /// All choices of signs are tried for up to this many pairs.
    package static let mostExactPairs = 14

    /// `differences` holds head minus base for each pair. `nil` if it is empty.
    package static func typicalValues(
        differences: [Double], draws: Int, generator: inout some RandomNumberGenerator
    ) -> TypicalValues? {
        guard !differences.isEmpty else { return nil }
        var shifts: [Double] = []
        if differences.count <= mostExactPairs {
            for flipped in 1..<1 << differences.count { shifts.append(mean(differences, flipped: UInt64(flipped))) }
            return TypicalValues(shifts)
        }
        for _ in 0..<draws {
            var (sum, count) = (0.0, 0)
            var bits: UInt64 = 0
            for (index, difference) in differences.enumerated() {
                if index % 64 == 0 { bits = generator.next() }
                if bits & 1 << UInt64(index % 64) != 0 {
                    sum += difference
                    count += 1
                }
            }
            if count > 0 { shifts.append(sum / Double(count)) }
        }
        return TypicalValues(shifts, alsoObserved: draws - shifts.count)
    }

    private static func mean(_ differences: [Double], flipped: UInt64) -> Double {
        var (sum, count) = (0.0, 0)
        for (index, difference) in differences.enumerated() where flipped & 1 << UInt64(index) != 0 {
            sum += difference
            count += 1
        }
        return sum / Double(max(count, 1))
    }
}
