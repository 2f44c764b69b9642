internal import Analysis
internal import ArgumentParser
internal import Budgets
internal import Glibc
internal import Presentation
internal import Reports
internal import SpawnStatistics

/// `budget --init` and `--update`. Sessions with doubts about their figures are refused.
struct BudgetWriting {
    private let session: String
    private let path: String
    private let ignoresFailure: Bool

    init(_ session: String, _ path: String, _ ignoresFailure: Bool) {
        self.session = session
        self.path = path
        self.ignoresFailure = ignoresFailure
    }

    func initialize() throws(BudgetCommandError) {
        let loaded = try LoadedSession.forBudget(session)
        var draft = BudgetDraft()
        let walked = SpawnReport(loaded.session) { reported in
            draft.add(reported.spawn)
            return true
        }
        loaded.sayDamage()
        try BudgetCheck.requireSpawnEvents(walked, session)
        let doubts = BudgetCheck.doubts(walked, loaded.metadata, ignoresFailure: ignoresFailure)
        try refuse(doubts.first?.text, "no budget is made of it")
        try BudgetFileAccess.create(path, Array(draft.text(walked.report).utf8))
        Terminal.note("\(path): written; read it, keep what matters, and commit it")
    }

    func update(_ budget: BudgetFile, _ bytes: [UInt8]) throws(BudgetCommandError) {
        let check = try BudgetCheck(.forBudget(session), budget, path: path, ignoresFailure: ignoresFailure)
        let unknown = check.verdict.entries.flatMap(\.rows).first { $0.conclusion == .unknown }
        try refuse(check.verdict.doubts.first?.text ?? unknown?.reason, "\(path) is left as it is")
        let update = BudgetUpdate(of: bytes, to: check.verdict)
        for note in update.notes { Terminal.note("\(path): \(note)") }
        guard update.bytes != bytes else {
            Terminal.note("\(path): its counts are those of the session already")
            return
        }
        // The result is parsed before it replaces a file that works.
        _ = try BudgetFileAccess.parse(update.bytes, path: path)
        try BudgetFileAccess.replace(path, update.bytes)
        let lines = UnifiedDiff.lines(from: bytes, to: update.bytes, path: path, removed: update.removedLines)
        if let failure = Terminal.write(Array(ForeignText.lines(lines).utf8)) { throw failure.silent }
    }

    private func refuse(_ reason: String?, _ consequence: String) throws(BudgetCommandError) {
        if let reason { throw BudgetCommandError("\(session): \(reason); \(consequence)", ExitStatus.cannotTell) }
    }
}

extension LoadedSession {
    /// Opens a session. The error has no message, since `init` already wrote it.
    static func forBudget(_ path: String, opening place: String? = nil) throws(BudgetCommandError) -> LoadedSession {
        do {
            return try LoadedSession(path: path, opening: place)
        } catch {
            throw ((error as? ExitCode) ?? ExitStatus.noInput).silent
        }
    }
}
