internal import ArgumentParser

/// The exit statuses of every subcommand but `record`, as sysexits(3) numbers them.
enum ExitStatus {
    /// The result is "worse" or "over budget".
    static let worse = ExitCode(1)
    /// The session lacks the data for a result.
    static let cannotTell = ExitCode(3)
    static let usage = ExitCode(64)
    /// The input is invalid.
    static let dataError = ExitCode(65)
    static let noInput = ExitCode(66)
    static let unavailable = ExitCode(69)
    /// A signal ended the worker that reads untrusted data.
    static let software = ExitCode(70)
    /// No process could be started, or its rights could not be dropped.
    static let osError = ExitCode(71)
    /// The output file already exists, or cannot be created in its directory.
    static let cannotCreate = ExitCode(73)
    static let ioError = ExitCode(74)
    static let noPermission = ExitCode(77)
}
