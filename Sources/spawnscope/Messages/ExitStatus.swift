internal import ArgumentParser

/// The exit statuses of every subcommand but `record`, as sysexits(3) numbers them.
enum ExitStatus {
    /// The answer is "worse", or "over budget".
    static let worse = ExitCode(1)
    /// The session does not hold what the answer would be made from.
    static let cannotTell = ExitCode(3)
    static let usage = ExitCode(64)
    /// The input is not what it should be.
    static let dataError = ExitCode(65)
    static let noInput = ExitCode(66)
    static let unavailable = ExitCode(69)
    /// The process that read what others wrote was ended by a signal.
    static let software = ExitCode(70)
    /// No process, no rights to give up.
    static let osError = ExitCode(71)
    /// A file that is to be written is there already, or its directory does not allow it.
    static let cannotCreate = ExitCode(73)
    static let ioError = ExitCode(74)
    static let noPermission = ExitCode(77)
}
