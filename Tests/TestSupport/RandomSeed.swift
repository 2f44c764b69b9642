import Glibc

/// Where tests with random inputs begin.
public enum RandomSeed {
    /// To see a failure again: SPAWNSCOPE_TEST_SEED=N, with the N that the failed run printed.
    static let variable = "SPAWNSCOPE_TEST_SEED"

    /// One for all tests of a run, each of which makes a generator of it; printed once.
    public static let ofThisRun: UInt64 = {
        var seed = UInt64.random(in: 1 ... .max)
        if let text = getenv(variable).map({ String(cString: $0) }) {
            guard let given = UInt64(text) else { fatalError("\(variable) is no number: \(text)") }
            seed = given
        }
        print("\(variable)=\(seed)")
        return seed
    }()
}
