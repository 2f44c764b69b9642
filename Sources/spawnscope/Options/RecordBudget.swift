internal import ArgumentParser
internal import Budgets
internal import Capture
internal import Glibc
internal import LinuxSystem
internal import Session

/// The options of `record` that check the new session against a budget file.
struct RecordBudget: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hold the session against this budget file; a command that succeeds then exits with the verdict: 0, 1 or 3.",
            valueName: "file"))
    var budget: String?

    @Option(help: "The verdict as text, json, markdown or junit.")
    var budgetFormat: BudgetCommand.Format?

    @Option(
        help: ArgumentHelp(
            "Where the verdict goes instead of standard error: markdown behind what the file has, all else in its place.",
            valueName: "file"))
    var budgetOutput: String?

    @Flag(help: "A budget that matches no spawn, and allows some, is a mistake: exit with 65.")
    var strictSelectors = false

    /// Reads the budget file before anything is recorded, so that a mistake in it costs no run. `nil` without
    /// `--budget`.
    func load() throws(RecordingError) -> [UInt8]? {
        guard let budget else {
            guard budgetFormat == nil, budgetOutput == nil, !strictSelectors else {
                throw .usage("--budget-format, --budget-output and --strict-selectors go with --budget FILE")
            }
            return nil
        }
        do throws(BudgetCommandError) {
            let bytes = try BudgetFileAccess.bytes(budget)
            Self.check(bytes, budget)
            return bytes
        } catch {
            throw .usage(error.message ?? "\(budget): cannot be read")
        }
    }

    /// Parses the file in a worker, as it will be parsed after the recording, and exits with a message if it is
    /// invalid.
    private static func check(_ bytes: [UInt8], _ path: String) {
        let result = try? Worker.run(FilePolicy()) {
            do throws(BudgetCommandError) {
                _ = try BudgetFileAccess.parse(bytes, path: path)
                return 0
            } catch {
                Terminal.say(error.message ?? "\(path): is no budget file")
                return 1
            }
        }
        if result?.end == .exited(0) { return }
        if result?.end != .exited(1) { Terminal.say("\(path): cannot be read as a budget file") }
        Glibc.exit(RecordingError.usage("").exitStatus)
    }

    /// Reports the verdict and returns the exit status for a command that succeeded.
    /// - Parameter session: the session at `path`. If it is `nil`, `place` is opened again to find out why.
    func check(_ bytes: [UInt8], _ session: Session?, at path: String, opening place: String) -> Int32 {
        do throws(BudgetCommandError) {
            let file = try BudgetFileAccess.parse(bytes, path: budget ?? "")
            do throws(BudgetCommandError) {
                let loaded: LoadedSession
                if let session {
                    loaded = LoadedSession(session, path: path)
                } else {
                    loaded = try .forBudget(path, opening: place)
                }
                let check = try BudgetCheck(
                    loaded, file, path: budget ?? "", ignoresFailure: false, isStrict: strictSelectors)
                try tell(check)
                check.sayMistakes()
                return check.status.rawValue
            } catch {
                // The output must say that the session could not be checked.
                let reason = error.message ?? "see what the recorder said"
                try tell(BudgetCheck(unreadable: reason, file, path: budget ?? ""))
                return error.status.rawValue
            }
        } catch {
            if let message = error.message { Terminal.say(message) }
            return error.status.rawValue
        }
    }

    /// Reports the verdict of a session that no worker could read.
    func tellUnreadable(_ bytes: [UInt8]) -> Int32 {
        do throws(BudgetCommandError) {
            let file = try BudgetFileAccess.parse(bytes, path: budget ?? "")
            try tell(BudgetCheck(unreadable: "nothing could look at it", file, path: budget ?? ""))
        } catch {
            if let message = error.message { Terminal.say(message) }
        }
        return ExitStatus.cannotTell.rawValue
    }

    private func tell(_ check: BudgetCheck) throws(BudgetCommandError) {
        let verdict = check.rendered(budgetFormat ?? .text)
        guard let budgetOutput else { return StandardError.write(verdict) }
        if budgetFormat == .markdown {
            try BudgetFileAccess.append(budgetOutput, verdict)
        } else {
            try BudgetFileAccess.replace(budgetOutput, verdict)
        }
        Terminal.say("\(check.verdict.summary); see \(budgetOutput)")
    }
}
