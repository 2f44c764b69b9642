/// Two sides compared: every figure, and what the gates among them come to.
public struct ComparisonResult: Sendable {
    /// One side's sessions.
    public struct Side: Hashable, Sendable {
        public var sessions: [String]
        /// Of the first of them.
        public var command: [String]
    }

    public enum Verdict: String, Hashable, Sendable {
        /// A gate is worse.
        case worse
        /// None is, and it cannot be told of all of them, or of all sessions.
        case inconclusive
        /// At least one gate is better, and the others are the same.
        case better
        case same
    }

    public var base: Side
    public var head: Side
    public var order: RecordingOrder
    public var options: ComparisonOptions
    public var whole: [ComparedRow]
    /// By their part of the change.
    public var programs: [ComparedScope]
    public var callSites: [ComparedScope]
    public var problems: [ComparisonProblem]

    /// The whole run's, then those of programs and call sites.
    public var gates: [ComparedRow] {
        (whole + programs.flatMap(\.rows) + callSites.flatMap(\.rows)).filter(\.isGate)
    }

    public var verdict: Verdict {
        let verdicts = gates.map(\.verdict)
        if verdicts.contains(.worse) { return .worse }
        // A comparison without gates has answered nothing.
        if verdicts.isEmpty || verdicts.contains(.inconclusive) || problems.contains(where: \.blocks) {
            return .inconclusive
        }
        return verdicts.contains(.better) ? .better : .same
    }

    /// Of `compare`.
    public var exitStatus: Int32 {
        switch verdict {
        case .worse: 1
        case .inconclusive: 3
        case .better, .same: 0
        }
    }
}
