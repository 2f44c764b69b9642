import Comparison
import Glibc

/// What disturbs the runs of a simulated machine. Factors of a run's time, 1 on average or nearly so.
enum Noise: String, CaseIterable {
    /// 3% of standard deviation.
    case normal
    /// A logarithm with a standard deviation of 10%.
    case lognormal
    /// One run in five is 15% slower; 3% around both.
    case bimodal
    /// 30% slower from the first run to the last, a random walk of 1% a run, and 3% around both.
    case drifting
    /// A random walk of 1% a run, and 3% around it.
    case wandering

    /// For `count` runs in the order of recording.
    func factors(_ count: Int, _ generator: inout SplitMix64) -> [Double] {
        var walk = 0.0
        return (0..<count).map { run in
            switch self {
            case .normal: return 1 + 0.03 * gauss(&generator)
            case .lognormal: return exp(0.1 * gauss(&generator))
            case .bimodal:
                let slow = Double.random(in: 0..<1, using: &generator) < 0.2 ? 1.15 : 1
                return slow * (1 + 0.03 * gauss(&generator))
            case .drifting, .wandering:
                walk += 0.01 * gauss(&generator)
                let line = self == .drifting ? 0.3 * Double(run) / Double(max(count - 1, 1)) : 0
                return (1 + line + walk) * (1 + 0.03 * gauss(&generator))
            }
        }
    }
}

/// A standard normal number. (Box and Muller, "A note on the generation of random normal deviates", 1958)
func gauss(_ generator: inout SplitMix64) -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
}
