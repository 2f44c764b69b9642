internal import Glibc

/// How many runs a side a randomisation test takes before its smallest p-value can pass a level at all.
package enum RunsNeeded {
    /// Two-sided, for a level that several tests share by Holm's correction: the first of them has to pass a part of it.
    package static func aSide(level: Double, tests: Int, isPaired: Bool) -> Int {
        let part = level / Double(max(tests, 1))
        var runs = 2
        while smallestP(runs, isPaired) > part, runs < 1000 { runs += 1 }
        return runs
    }

    /// How often more runs shall tell what there is.
    private static let power = 0.8

    /// So many runs a side as tell in four cases of five whether the sides are the same or not, by what `runs` a side said; `nil`
    /// where as many might have told it, and where it takes a thousand.
    ///
    /// The standard error shrinks with the root of the runs. To be the same, the interval has to fit within the threshold, beside
    /// the change; to differ, the change has to be so many standard errors as the level asks for, and beyond the threshold. All of it
    /// in logarithms.
    static func toTell(
        change: Double, halfWidth: Double, runs: Int, threshold: Double, confidence: Double, level: Double
    ) -> Int? {
        let ofInterval = quantile(1 - (1 - confidence) / 2)
        let error = halfWidth / ofInterval
        guard error.isFinite, error > 0, change.isFinite, threshold > 0 else { return nil }
        // What was seen has the error in it: of a small change its square is larger than the true one's by the error's on average. Of
        // a large one that was not told it was rather less than more.
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

    /// Of the standard normal distribution, by halving.
    private static func quantile(_ probability: Double) -> Double {
        var (low, high) = (-10.0, 10.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Of `runs` a side, two-sided.
    static func smallestP(_ runs: Int, _ isPaired: Bool) -> Double {
        var arrangements = 1.0
        for run in 0..<max(runs, 0) {
            arrangements *= isPaired ? 2 : Double(runs + run + 1) / Double(run + 1)
        }
        return min(1, 2 / arrangements)
    }
}
