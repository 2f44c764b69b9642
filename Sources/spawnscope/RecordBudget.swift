internal import ArgumentParser
internal import Budgets
internal import Glibc
internal import LinuxSystem
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
    func load() throws(RecordingError) -> [UInt8]? {
        guard let budget else {
            guard budgetFormat == nil, budgetOutput == nil else {
                throw .usage("--budget-format and --budget-output go with --budget FILE")
            }
            return nil
        }
        do throws(BudgetFileFailure) {
            let bytes = try BudgetFileAccess.bytes(budget)
            Self.check(bytes, budget)
            return bytes
        } catch {
            throw .usage(error.message ?? "\(budget): cannot be read")
        }
    }

    /// A worker reads it as it will be read at the end, and says what is wrong with it.
    private static func check(_ bytes: [UInt8], _ path: String) {
        let result = try? Worker.run(FilePolicy()) {
            do throws(BudgetFileFailure) {
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

    /// Tells the verdict; how to exit where the command succeeded.
    func check(_ bytes: [UInt8], session: String, opening place: String) -> Int32 {
        do throws(BudgetFileFailure) {
            let file = try BudgetFileAccess.parse(bytes, path: budget ?? "")
            let check = try BudgetCheck(session, opening: place, file, path: budget ?? "", ignoresFailure: false)
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
