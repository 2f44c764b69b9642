import SpawnModel

@testable import Comparison

extension RunSummary {
    /// A run of 100 spawns whose overhead is 100 µs a spawn and whose duration a second, times a factor.
    static func made(
        _ name: String, factor: Double = 1, spawns: Int = 100, start: UInt64? = nil, duration: Double? = nil,
        callSites: [CallSiteKey: ScopeFigures] = [:], programs: [String: ScopeFigures] = [:]
    ) -> RunSummary {
        var facts = RunFacts(path: name)
        facts.identity = name
        facts.start = start
        facts.command = ["make"]
        facts.machine = "host"
        facts.kernel = "6.18"
        var counts = Dictionary(uniqueKeysWithValues: Metric.Count.allCases.map { ($0, 0) })
        counts[.spawns] = spawns
        counts[.execs] = spawns
        let figures = ScopeFigures(
            counts: counts,
            times: [.overhead: 100_000 * factor, .duration: (duration ?? 1e9) * factor, .phase(.search): 0],
            overheadSum: UInt64(100_000 * factor) * UInt64(spawns))
        return RunSummary(facts: facts, whole: figures, programs: programs, callSites: callSites)
    }

    /// Runs of one side; in turns with the other's where `turn` is 0 and 1.
    static func side(
        _ name: String, _ factors: [Double], turn: UInt64? = nil, spawns: Int = 100
    ) -> [RunSummary] {
        factors.enumerated().map { index, factor in
            made(
                "\(name)\(index)", factor: factor, spawns: spawns, start: turn.map { UInt64(index) * 2 + $0 + 1 })
        }
    }
}

/// Noise of about ±2%, the same on every machine.
let calm: [Double] = [1.01, 0.99, 1.005, 0.98, 1.02, 0.995, 1.0, 1.015, 0.985, 1.0]

extension ComparisonResult {
    func gate(_ metric: Metric) -> ComparedRow? { gates.first { $0.metric == metric } }
}
