/// Two sides compared: every figure, and what the gates among them come to.
package struct ComparisonResult: Sendable {
    /// One side's sessions.
    package struct Side: Hashable, Sendable {
        package var sessions: [String]
        /// Of the first of them.
        package var command: [String]
    }

    package enum Verdict: String, Hashable, Sendable {
        /// A gate is worse.
        case worse
        /// None is, and it cannot be told of all of them, or of all sessions.
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
    /// By their part of the change.
    package var programs: [ComparedScope]
    package var callSites: [ComparedScope]
    package var problems: [ComparisonProblem]

    /// The whole run's, then those of programs and call sites.
    package var gates: [ComparedRow] {
        (whole + programs.flatMap(\.rows) + callSites.flatMap(\.rows)).filter(\.isGate)
    }

    package var verdict: Verdict {
        let verdicts = gates.map(\.verdict)
        if verdicts.contains(.worse) { return .worse }
        // A comparison without gates has answered nothing.
        if verdicts.isEmpty || verdicts.contains(.inconclusive) || problems.contains(where: \.blocks) {
            return .inconclusive
        }
        return verdicts.contains(.better) ? .better : .same
    }

    /// Of `compare`.
    package var exitStatus: Int32 {
        switch verdict {
        case .worse: 1
        case .inconclusive: 3
        case .better, .same: 0
        }
    }
}
