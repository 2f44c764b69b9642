/// How many runs a side a randomisation test takes before its smallest p-value can pass a level at all.
public enum RunsNeeded {
    /// Two-sided, for a level that several tests share by Holm's correction: the first of them has to pass a part of it.
    public static func aSide(level: Double, tests: Int, isPaired: Bool) -> Int {
        let part = level / Double(max(tests, 1))
        var runs = 2
        while smallestP(runs, isPaired) > part, runs < 1000 { runs += 1 }
        return runs
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
