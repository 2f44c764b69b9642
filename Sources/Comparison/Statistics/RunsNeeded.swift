internal import Glibc

/// How many runs per side a randomisation test needs before its smallest p-value can pass a level.
package enum RunsNeeded {
    /// For a two-sided level that Holm's correction shares among `tests`: the first must pass `level / tests`.
    package static func aSide(level: Double, tests: Int, isPaired: Bool) -> Int {
        let part = level / Double(max(tests, 1))
        var runs = 2
        while smallestP(runs, isPaired) > part, runs < 1000 { runs += 1 }
        return runs
    }

    /// The probability with which more runs should decide.
    private static let power = 0.8

    /// The number of runs per side that would decide between same and different with probability `power`, judging by
    /// the result of `runs` per side; `nil` if that is no more than `runs`, or 1000 or more.
    ///
    /// The standard error shrinks with the square root of the runs. To be the same, the interval around the change must
    /// fit within the threshold. To differ, the change must be as many standard errors as the level requires, and
    /// beyond the threshold. All values are logarithms.
    static func toTell(
        change: Double, halfWidth: Double, runs: Int, threshold: Double, confidence: Double, level: Double
    ) -> Int? {
        let ofInterval = quantile(1 - (1 - confidence) / 2)
        let error = halfWidth / ofInterval
        guard error.isFinite, error > 0, change.isFinite, threshold > 0 else { return nil }
        // The observed change includes the error: the square of a small change exceeds the true one by the squared
        // error on average. A large change that was still unclear is likely not smaller than observed.
        let seen = abs(change)
        let likely = seen > 1.5 * error ? seen : max(0, seen * seen - error * error).squareRoot()
        let ofPower = quantile(power)
        var needed: Double
        if likely < threshold {
            needed = (threshold - likely) / (ofInterval + ofPower)
        } else {
            needed = min(likely / (quantile(1 - level / 2) + ofPower), (likely - threshold) / ofPower)
        }
        needed = max(needed, .leastNormalMagnitude)
        let wouldDo = Double(runs) * (error / needed) * (error / needed)
        return wouldDo > Double(runs) && wouldDo < 1000 ? Int(wouldDo.rounded(.up)) : nil
    }

    /// The quantile of the standard normal distribution, by bisection.
    private static func quantile(_ probability: Double) -> Double {
        var (low, high) = (-10.0, 10.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The smallest two-sided p-value with `runs` per side.
    static func smallestP(_ runs: Int, _ isPaired: Bool) -> Double {
        var arrangements = 1.0
        for run in 0..<max(runs, 0) {
            arrangements *= isPaired ? 2 : Double(runs + run + 1) / Double(run + 1)
        }
        return min(1, 2 / arrangements)
    }
}
