/// The comparison of two sides: every figure, and the verdict of the gates.
package struct ComparisonResult: Sendable {
    /// One side's sessions.
    package struct Side: Hashable, Sendable {
        package var sessions: [String]
        /// The command of the first session.
        package var command: [String]
    }

    package enum Verdict: String, Hashable, Sendable {
        /// A gate is worse.
        case worse
        /// No gate is worse, but some gates are inconclusive, there are none, or a problem blocks the verdict.
        case inconclusive
        /// At least one gate is better, and the others are the same.
        case better
        case same
    }

    package var base: Side
    package var head: Side
    package var order: RecordingOrder
    package var options: ComparisonOptions
    package var whole: [ComparedRow]
    /// Sorted by their share of the change.
    package var programs: [ComparedScope]
    package var callSites: [ComparedScope]
    package var problems: [ComparisonProblem]

    /// Gates of the whole run, then of programs, then of call sites.
    package var gates: [ComparedRow] {
        (whole + programs.flatMap(\.rows) + callSites.flatMap(\.rows)).filter(\.isGate)
    }

    package var verdict: Verdict {
        let verdicts = gates.map(\.verdict)
        if verdicts.contains(.worse) { return .worse }
        // A comparison without gates decides nothing.
        if verdicts.isEmpty || verdicts.contains(.inconclusive) || problems.contains(where: \.blocks) {
            return .inconclusive
        }
        return verdicts.contains(.better) ? .better : .same
    }

    /// The exit status of `compare`.
    package var exitStatus: Int32 {
        switch verdict {
        case .worse: 1
        case .inconclusive: 3
        case .better, .same: 0
        }
    }
}
