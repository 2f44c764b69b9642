import Glibc
import Testing

@testable import Comparison

/// The advice of how many runs would tell, beside how many it takes in a simulation.
@Suite struct RunsNeededTests {
    private func gauss(_ generator: inout SplitMix64) -> Double {
        let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }

    /// The overhead of runs in turns that have `noise`, in the logarithm, and a head that takes `change` times as long.
    private func row(_ runs: Int, noise: Double, change: Double, _ generator: inout SplitMix64) -> ComparedRow? {
        var sides: [[RunSummary]] = [[], []]
        for run in 0..<runs {
            for side in 0...1 {
                let factor = exp(noise * gauss(&generator)) * (side == 1 ? change : 1)
                sides[side].append(RunSummary.made("\(side)/\(run)", factor: factor, start: UInt64(2 * run + side + 1)))
            }
        }
        var options = ComparisonOptions()
        options.gates = (try? GateSelection(["none", "overhead"])) ?? GateSelection()
        options.draws = 999
        options.drawsOfOthers = 1
        return RunComparison.compare(base: sides[0], head: sides[1], options).gates.first
    }

    /// Half of the advice tells less than it promises, in four cases of five; twice as many tell at least that.
    @Test(arguments: [(0.06, 1.0), (0.1, 1.0), (0.1, 1.1), (0.2, 1.25)])
    func theAdviceIsWithinAFactorOfTwo(noise: Double, change: Double) throws {
        var generator = SplitMix64(seed: 20_261_129)
        var advice: [Int] = []
        for _ in 0..<60 {
            guard case .noise(let wouldDo?) = row(10, noise: noise, change: change, &generator)?.reason else {
                continue
            }
            advice.append(wouldDo)
        }
        #expect(advice.count > 10)
        let median = try #require(advice.isEmpty ? nil : advice.sorted()[advice.count / 2])
        func told(_ runs: Int) -> Double {
            let wanted: [ComparedRow.Verdict] = change == 1 ? [.same] : [.worse]
            let count = (0..<60).count { _ in
                row(runs, noise: noise, change: change, &generator).map { wanted.contains($0.verdict) } ?? false
            }
            return Double(count) / 60
        }
        let (half, double) = (told(max(median / 2, 2)), told(median * 2))
        #expect(half < 0.88 && double > 0.72, "\(median) runs: half \(half), double \(double)")
    }
}
