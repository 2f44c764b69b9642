internal import ArgumentParser
internal import Capture
internal import LinuxSystem

/// `-u, --user`: whose process the command is.
struct CommandUserOption: ParsableArguments {
    @Option(
        name: [.customShort("u"), .customLong("user")],
        help: ArgumentHelp(
            "Run the command as this user, by name or number: with their groups and HOME; root only.", valueName: "name"
        ))
    var user: String?

    /// `nil` where none is named.
    func find(hasCommand: Bool) throws(RecordingError) -> CommandUser? {
        guard let user else { return nil }
        guard hasCommand else { throw .usage("-u is for a command: leave it out, what runs already has its user") }
        return try CommandUser(user)
    }

    /// Root's recording of the sudo caller's own program, which may leave files of root's behind, is told once.
    func noteInvoker(commands: [String]) {
        guard user == nil, !Terminal.isQuiet, let invoker = Invoker.current,
            let command = commands.first(where: invoker.owns(command:))
        else { return }
        Terminal.note("\(command) is yours and runs as root; -u \(invoker.name ?? String(invoker.uid)) runs it as you")
    }
}
