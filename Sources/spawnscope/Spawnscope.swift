import ArgumentParser
import Glibc
import PerfCapture

@main
struct Spawnscope: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "spawnscope",
        abstract: "What every spawn of a program costs, which line of code asked for it, and whether it got worse.",
        version: version,
        subcommands: [
            RecordCommand.self, ReportCommand.self, FoldCommand.self, FlamegraphCommand.self, ExportCommand.self,
            CompareCommand.self, BudgetCommand.self, PackCommand.self, InfoCommand.self, DoctorCommand.self,
        ]
    )

    /// As ArgumentParser's own, but that rights which the program has beside its user's are lowered before any argument is looked at, and that wrong usage of `record` exits with 125: below that, the status is the command's.
    static func main() {
        let isRecord = CommandLine.arguments.dropFirst().first == RecordCommand.configuration.commandName
        let isDoctor = CommandLine.arguments.dropFirst().first == DoctorCommand.configuration.commandName
        do throws(Privileges.Refusal) {
            try Privileges.lower(recording: isRecord || isDoctor)
        } catch {
            StandardError.print("spawnscope: \(error)")
            Glibc.exit(isRecord ? 125 : ExitStatus.noPermission.rawValue)
        }
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard isRecord, exitCode(for: error) == .validationFailure else { exit(withError: error) }
            let lines = message(for: error).split(separator: "\n")
            StandardError.print("spawnscope: \(lines.first ?? "wrong usage"): see 'spawnscope record --help'")
            Glibc.exit(125)
        }
    }
}
