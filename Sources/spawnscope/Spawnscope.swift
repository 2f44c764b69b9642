import ArgumentParser
import Capture
import CVersion
import Glibc
import KernelPrograms
import Presentation

@main
struct Spawnscope: ParsableCommand {
    static let version = "0.2.0"

    /// The version, with the commit if the build recorded one.
    private static var versionText: String {
        let commit = unsafe String(cString: cversion_commit())
        return commit.isEmpty ? version : "\(version) (\(commit))"
    }

    static let configuration = CommandConfiguration(
        commandName: "spawnscope",
        abstract: "What every spawn of a program costs, which line of code asked for it, and whether it got worse.",
        version: versionText,
        subcommands: [
            RecordCommand.self, ReportCommand.self, FoldCommand.self, FlamegraphCommand.self, ExportCommand.self,
            CompareCommand.self, BudgetCommand.self, PackCommand.self, InfoCommand.self, DoctorCommand.self,
        ]
    )

    /// Does what ArgumentParser's own `main` does, with three differences. Capabilities are lowered before any argument
    /// is read. Arguments repeated in a message add no lines to it. Wrong usage of `record` exits with 125, since lower
    /// statuses are the command's.
    static func main() {
        lowerRights()
        var command: any ParsableCommand
        do {
            sayUnknownSubcommand()
            command = try parsed(CommandStart.marked(Array(CommandLine.arguments.dropFirst())))
        } catch {
            end(repeatable(error))
        }
        do {
            try command.run()
        } catch {
            end(error, isOneLine: true)
        }
    }

    /// The command that the arguments ask for. `record` is parsed by itself, which takes half as long as the way to it
    /// through its parent; what is wrong with its arguments is said by that way all the same.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        if arguments.first == RecordCommand.configuration.commandName,
            let command = try? RecordCommand.parse(Array(arguments.dropFirst()))
        {
            return command
        }
        return try parseAsRoot(arguments)
    }

    private static func lowerRights() {
        let name = CommandLine.arguments.dropFirst().first
        let isRecord = name == RecordCommand.configuration.commandName
        do throws(PrivilegesError) {
            try Privileges.lower(recording: isRecord || name == DoctorCommand.configuration.commandName)
        } catch {
            StandardError.print("spawnscope: \(error)")
            Glibc.exit(isRecord ? 125 : ExitStatus.noPermission.rawValue)
        }
    }

    /// Reports an unknown subcommand, which the parser would call an unexpected argument.
    private static func sayUnknownSubcommand() {
        guard let name = CommandLine.arguments.dropFirst().first, !name.hasPrefix("-") else { return }
        var known = ["help"]
        for command in configuration.subcommands { known.append(command.configuration.commandName ?? "") }
        guard !known.contains(name) else { return }
        let question = NearestName.question(name, among: known)
        StandardError.print(
            "Error: \(ForeignText.shown("'\(name)' is no subcommand\(question)")): they are \(known.joined(separator: ", "))"
        )
        Glibc.exit(ExitStatus.usage.rawValue)
    }

    /// The parser's error in a form that may be shown: the line breaks in its message are the parser's own, not an
    /// argument's.
    private static func repeatable(_ error: any Error) -> any Error {
        let arguments = CommandStart.marked(Array(CommandLine.arguments.dropFirst()))
        let shown = arguments.map(ForeignText.shown)
        guard shown != arguments else { return error }
        do {
            _ = try parseAsRoot(shown)
        } catch {
            return error
        }
        return ValidationError(ForeignText.shown(message(for: error)))
    }

    private static func end(_ error: any Error, isOneLine: Bool = false) -> Never {
        let (status, said) = (exitCode(for: error), message(for: error))
        guard !status.isSuccess, !said.isEmpty else { exit(withError: error) }
        let lines = isOneLine ? [said] : said.split(separator: "\n").map(String.init)
        let isRecord = CommandLine.arguments.dropFirst().first == RecordCommand.configuration.commandName
        guard isRecord, status == .validationFailure else {
            // The usage and the help around the message are the parser's own text.
            let (before, after) = fullMessage(for: error).parts(around: said)
            let shown = lines.map(ForeignText.shown).joined(separator: "\n")
            StandardError.write(Array("\(before)\(shown)\(after)\n".utf8))
            Glibc.exit(status.rawValue)
        }
        StandardError.print("spawnscope: \(lines.first ?? "wrong usage"): see 'spawnscope record --help'")
        Glibc.exit(125)
    }
}

extension String {
    /// The text before and after the first occurrence of `part`; both empty if there is none.
    fileprivate func parts(around part: String) -> (before: Substring, after: Substring) {
        guard let range = firstRange(of: part) else { return ("", "") }
        return (self[..<range.lowerBound], self[range.upperBound...])
    }
}
