internal import ArgumentParser

/// Why `budget` ends, with the exit status that goes with it.
struct BudgetCommandError: Error {
    /// One line; `nil` if the message was already written.
    var message: String?
    var status: ExitCode

    init(_ message: String?, _ status: ExitCode) {
        self.message = message
        self.status = status
    }
}

extension ExitCode {
    /// An error with this status whose message was already written.
    var silent: BudgetCommandError { BudgetCommandError(nil, self) }
}
