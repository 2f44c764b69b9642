internal import ArgumentParser
internal import Capture
internal import LinuxSystem

/// `-u, --user`: the user to run the command as.
struct CommandUserOption: ParsableArguments {
    @Option(
        name: [.customShort("u"), .customLong("user")],
        help: ArgumentHelp(
            "Run the command as this user, by name or number: with their groups and HOME; root only.", valueName: "name"
        ))
    var user: String?

    /// `nil` if no user was named. Throws if there is no command to run as the user.
    func find(hasCommand: Bool) throws(RecordingError) -> CommandUser? {
        guard let user else { return nil }
        guard hasCommand else { throw .usage("-u is for a command: leave it out, what runs already has its user") }
        return try CommandUser(user)
    }

    /// Notes that root is recording a program owned by the user who called sudo: it may leave files owned by root.
    func noteInvoker(commands: [String]) {
        guard user == nil, !Terminal.isQuiet, let invoker = Invoker.current,
            let command = commands.first(where: invoker.owns(command:))
        else { return }
        Terminal.note("\(command) is yours and runs as root; -u \(invoker.name ?? String(invoker.uid)) runs it as you")
    }
}
