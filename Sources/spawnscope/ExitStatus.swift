internal import ArgumentParser

/// The exit statuses of every subcommand but `record`, as sysexits(3) numbers them.
enum ExitStatus {
    /// The session does not hold what the answer would be made from.
    static let cannotTell = ExitCode(3)
    static let usage = ExitCode(64)
    /// The input is not what it should be.
    static let dataError = ExitCode(65)
    static let noInput = ExitCode(66)
    static let unavailable = ExitCode(69)
    static let ioError = ExitCode(74)
}
