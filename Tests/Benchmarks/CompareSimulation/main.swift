// What `compare` says of simulated runs: `CompareSimulation [COMPARISONS]` prints tables in Markdown of its false alarms where
// nothing changed, of the changes that it finds, and of how often its intervals hold the true change. Each comparison is the
// whole of `RunComparison` with the default gates, the noise of the overhead and of the duration independent of one another, which is
// worse than what machines do. python3 Scripts/bench run compare-simulation calls it.

import Comparison
import Glibc

enum Design: String, CaseIterable {
    /// As `compare --runs` records.
    case turns = "in turns"
    case after = "head after base"
    /// Shuffled, and the sessions do not say when they began.
    case unknown = "in unknown order"
}

struct Tally {
    var verdicts: [ComparisonResult.Verdict: Int] = [:]
    var covered = 0
    var intervals = 0
}

/// `changes`: the true ratios of overhead and duration.
func comparison(
    _ noise: Noise, _ design: Design, runs: Int, changes: [Double], _ generator: inout SplitMix64
) -> ComparisonResult {
    var isHead: [Bool] = []
    switch design {
    case .turns:
        for _ in 0..<runs {
            let first = Bool.random(using: &generator)
            isHead += [first, !first]
        }
    case .after: isHead = Array(repeating: false, count: runs) + Array(repeating: true, count: runs)
    case .unknown:
        isHead = Array(repeating: false, count: runs) + Array(repeating: true, count: runs)
        isHead.shuffle(using: &generator)
    }
    let overhead = noise.factors(2 * runs, &generator)
    let duration = noise.factors(2 * runs, &generator)
    var sides: [[RunSummary]] = [[], []]
    for (run, isHead) in isHead.enumerated() {
        var facts = RunFacts(path: "run \(run)")
        if design != .unknown { facts.start = UInt64(run + 1) }
        let times: [Metric.Time: Double] = [
            .overhead: 100_000 * overhead[run] * (isHead ? changes[0] : 1),
            .duration: 1_000_000_000 * duration[run] * (isHead ? changes[1] : 1),
        ]
        let counts = Dictionary(uniqueKeysWithValues: Metric.Count.gates.map { ($0, 100) })
        sides[isHead ? 1 : 0].append(RunSummary(facts: facts, whole: ScopeFigures(counts: counts, times: times)))
    }
    return RunComparison.compare(base: sides[0], head: sides[1])
}

func tally(_ noise: Noise, _ design: Design, runs: Int, changes: [Double], count: Int, seed: UInt64) -> Tally {
    var generator = SplitMix64(seed: seed)
    var tally = Tally()
    for _ in 0..<count {
        let result = comparison(noise, design, runs: runs, changes: changes, &generator)
        tally.verdicts[result.verdict, default: 0] += 1
        for (metric, change) in zip([Metric.Time.overhead, .duration], changes) {
            guard let row = result.whole.first(where: { $0.metric == .time(metric) }), let interval = row.interval
            else {
                continue
            }
            tally.intervals += 1
            if interval.contains(change) { tally.covered += 1 }
        }
    }
    return tally
}

func percent(_ part: Int, _ whole: Int) -> String {
    let tenths = whole > 0 ? (part * 1000 + whole / 2) / whole : 0
    return whole > 0 ? "\(tenths / 10).\(tenths % 10)%" : "–"
}

func row(_ names: [String], _ tally: Tally, _ count: Int) {
    let verdicts: [ComparisonResult.Verdict] = [.worse, .better, .same, .inconclusive]
    let cells =
        names + verdicts.map { percent(tally.verdicts[$0] ?? 0, count) } + [percent(tally.covered, tally.intervals)]
    print("| " + cells.joined(separator: " | ") + " |")
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 2000
guard count > 0 else {
    print("usage: CompareSimulation [COMPARISONS]")
    exit(64)
}
let columns = " worse | better | same | cannot tell | interval holds the truth |"
let rule = "---:|---:|---:|---:|---:|"
print(
    "## Nothing changed: every `worse` is a false alarm\n\n| noise | recorded | runs a side |\(columns)\n|---|---|---|\(rule)"
)
var seed: UInt64 = 1
for noise in Noise.allCases {
    for design in Design.allCases {
        // From 6 to 8 runs those in turns are two samples, not pairs.
        for runs in [10, 7, 5] {
            seed += 1
            let tally = tally(noise, design, runs: runs, changes: [1, 1], count: count, seed: seed)
            row([noise.rawValue, design.rawValue, String(runs)], tally, count)
        }
    }
}
print(
    "\n## Slower: every `worse` is right\n\n| slower by | what | noise | recorded | runs a side |\(columns)\n|---|---|---|---|---|\(rule)"
)
for (change, runs, noises) in [
    (1.1, 10, Noise.allCases), (1.1, 7, [.normal]), (1.3, 10, Noise.allCases), (1.3, 6, [.normal]),
    (1.02, 10, [.normal]),
] {
    for noise in noises {
        for design in Design.allCases {
            for (what, changes) in [("both", [change, change]), ("overhead alone", [change, 1])] {
                seed += 1
                let tally = tally(noise, design, runs: runs, changes: changes, count: count, seed: seed)
                let size = "\(Int((change - 1) * 100 + 0.5))%"
                row([size, what, noise.rawValue, design.rawValue, String(runs)], tally, count)
            }
        }
    }
}
