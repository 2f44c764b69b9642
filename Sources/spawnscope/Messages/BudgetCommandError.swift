internal import ArgumentParser

/// Why `budget` ends, with the exit status that goes with it.
struct BudgetCommandError: Error {
    /// One line; `nil` where everything was said.
    var message: String?
    var status: ExitCode

    init(_ message: String?, _ status: ExitCode) {
        self.message = message
        self.status = status
    }
}

extension ExitCode {
    /// Everything was said.
    var silent: BudgetCommandError { BudgetCommandError(nil, self) }
}
