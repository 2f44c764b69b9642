internal import ArgumentParser
internal import Budgets
internal import Glibc
internal import PerfCapture

/// The options of `record` that hold the new session against a budget file.
struct RecordBudget: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hold the session against this budget file; a command that succeeds then exits with the verdict: 0, 1 or 3.",
            valueName: "file"))
    var budget: String?

    @Option(help: "The verdict as text, json, markdown or junit.")
    var budgetFormat: BudgetCommand.Format?

    @Option(help: ArgumentHelp("Where the verdict goes instead of standard error.", valueName: "file"))
    var budgetOutput: String?

    /// What is read before anything is recorded, so that a mistake costs no run.
    func load() throws(RecordingError) -> BudgetFile? {
        guard let budget else {
            guard budgetFormat == nil, budgetOutput == nil else {
                throw .usage("--budget-format and --budget-output go with --budget FILE")
            }
            return nil
        }
        do throws(BudgetFileFailure) {
            return try BudgetFileAccess.parse(try BudgetFileAccess.bytes(budget), path: budget)
        } catch {
            throw .usage(error.message ?? "\(budget): cannot be read")
        }
    }

    /// Tells the verdict; how to exit where the command succeeded.
    func check(_ file: BudgetFile, session: String) -> Int32 {
        do throws(BudgetFileFailure) {
            let check = try BudgetCheck(session, file, path: budget ?? "", ignoresFailure: false)
            let verdict = check.rendered(budgetFormat ?? .text)
            guard let budgetOutput else {
                StandardError.write(verdict)
                return check.status.rawValue
            }
            try BudgetFileAccess.overwrite(budgetOutput, verdict)
            Terminal.say("\(check.verdict.summary); see \(budgetOutput)")
            return check.status.rawValue
        } catch {
            if let message = error.message { Terminal.say(message) }
            return error.status.rawValue
        }
    }
}
