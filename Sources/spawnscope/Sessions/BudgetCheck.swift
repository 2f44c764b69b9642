internal import Analysis
internal import ArgumentParser
internal import Budgets
internal import PerfData
internal import Reports
internal import Session
internal import SpawnStatistics

/// The check of a session against a budget file: `budget`, and the end of `record --budget`.
struct BudgetCheck {
    private(set) var verdict: BudgetVerdict
    private let path: String

    /// Walks the session once. If it has no spawn events, throws with a message.
    /// - Parameter isStrict: whether a budget that matches nothing is an error in the file.
    init(
        _ loaded: LoadedSession, _ budget: BudgetFile, path: String, ignoresFailure: Bool, isStrict: Bool = false
    ) throws(BudgetCommandError) {
        self.path = path
        var evaluation = BudgetEvaluation(budget)
        let walked = SpawnReport(loaded.session) { reported in
            evaluation.add(reported.spawn, callSite: reported.callSite)
            return true
        }
        loaded.sayDamage()
        try Self.requireSpawnEvents(walked, loaded.path)
        verdict = evaluation.verdict(
            walked.report, doubts: Self.doubts(walked, loaded.metadata, ignoresFailure: ignoresFailure))
        verdict.isStrict = isStrict
    }

    /// The verdict on a session that could not be read: unknown.
    init(unreadable reason: String, _ budget: BudgetFile, path: String) {
        self.path = path
        let evaluation = BudgetEvaluation(budget)
        verdict = evaluation.verdict(
            Report(facts: SessionFacts(), spawns: SpawnAggregate()), doubts: [.unreadable(reason)])
    }

    /// Reports errors in the file, after the verdict.
    func sayMistakes() {
        guard verdict.isStrict else { return }
        for mistake in verdict.mistakes { Terminal.say(mistake.message(path: path)) }
    }

    static func requireSpawnEvents(_ walked: SpawnReport, _ session: String) throws(BudgetCommandError) {
        guard !walked.hasSpawnEvents else { return }
        throw BudgetCommandError(
            "\(session): has no spawn events: record it with 'spawnscope record', or with perf's task:task_newtask",
            ExitStatus.cannotTell)
    }

    /// Reasons not to call a session within its budget, the most serious first.
    static func doubts(
        _ walked: SpawnReport, _ metadata: SessionMetadata?, ignoresFailure: Bool
    ) -> [BudgetVerdict.Doubt] {
        var doubts: [BudgetVerdict.Doubt] = []
        let facts = walked.report.facts
        if facts.lost > 0 { doubts.append(.lost(facts.lost)) }
        if facts.unfollowed > 0 { doubts.append(.unfollowed(facts.unfollowed)) }
        if facts.isCut { doubts.append(.cut) }
        if walked.undecodedRecords > 0 { doubts.append(.damagedRecords(walked.undecodedRecords)) }
        guard let metadata, let end = metadata.end else { return doubts }
        let hasCommand = metadata.rootPID != nil && metadata.command?.isEmpty == false
        if hasCommand, let reason = end.reason, reason != "command-ended", reason != "last-ended" {
            doubts.append(.endedEarly(reason))
        }
        if end.commandFailed, !ignoresFailure {
            doubts.append(.commandFailed(status: end.status, signal: end.signal))
        }
        return doubts
    }

    func rendered(_ format: BudgetCommand.Format) -> [UInt8] {
        switch format {
        case .text: Array(verdict.textLines(path: path).map { $0 + "\n" }.joined().utf8)
        case .json: verdict.json(path: path)
        case .markdown: Array(verdict.markdown(path: path).utf8)
        case .junit: Array(verdict.jUnit(path: path).utf8)
        }
    }

    var status: ExitCode {
        if verdict.isStrict, !verdict.mistakes.isEmpty { return ExitStatus.dataError }
        switch verdict.conclusion {
        case .within: return ExitCode(0)
        case .over: return ExitStatus.worse
        case .unknown: return ExitStatus.cannotTell
        }
    }
}
