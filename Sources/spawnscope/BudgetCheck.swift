internal import Analysis
internal import ArgumentParser
internal import Budgets
internal import PerfData
internal import Reports

/// A session held against a budget file: `budget`, and the end of `record --budget`.
struct BudgetCheck {
    let verdict: BudgetVerdict
    private let path: String

    /// Walks the session once. Throws, with everything said, where it does not tell of spawns, and where a budget matches nothing.
    init(_ session: String, opening place: String? = nil, _ budget: BudgetFile, path: String, ignoresFailure: Bool)
        throws(BudgetFileFailure)
    {
        self.path = path
        let loaded = try LoadedSession.forBudget(session, opening: place)
        var evaluation = BudgetEvaluation(budget)
        let walked = SpawnReport(loaded.file, loaded.metadata) { reported in
            evaluation.add(reported.spawn, callSite: reported.callSite)
            return true
        }
        loaded.sayDamage()
        try Self.requireSpawnEvents(walked, session)
        verdict = evaluation.verdict(
            walked.report, doubts: Self.doubts(walked, loaded.metadata, ignoresFailure: ignoresFailure))
        for problem in verdict.problems { Terminal.say(problem.message(path: path)) }
        guard verdict.problems.isEmpty else { throw ExitStatus.dataError.silent }
    }

    static func requireSpawnEvents(_ walked: SpawnReport, _ session: String) throws(BudgetFileFailure) {
        guard !walked.hasSpawnEvents else { return }
        throw BudgetFileFailure(
            "\(session): has no spawn events: record it with 'spawnscope record', or with perf's task:task_newtask",
            ExitStatus.cannotTell)
    }

    /// What forbids to say that a session is within its budget, the weightiest first.
    static func doubts(
        _ walked: SpawnReport, _ metadata: SessionMetadata?, ignoresFailure: Bool
    ) -> [BudgetVerdict.Doubt] {
        var doubts: [BudgetVerdict.Doubt] = []
        let facts = walked.report.facts
        if facts.lost > 0 { doubts.append(.lost(facts.lost)) }
        if facts.isCut { doubts.append(.cut) }
        if walked.undecodedRecords > 0 { doubts.append(.damagedRecords(walked.undecodedRecords)) }
        guard let metadata, let end = metadata.end else { return doubts }
        let hasCommand = metadata.rootPID != nil && !metadata.command.isEmpty
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
        switch verdict.conclusion {
        case .within: ExitCode(0)
        case .over: ExitStatus.worse
        case .unknown: ExitStatus.cannotTell
        }
    }
}
