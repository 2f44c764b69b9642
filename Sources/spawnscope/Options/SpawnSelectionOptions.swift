internal import ArgumentParser
internal import Reports
public import SpawnStatistics

/// The options that select spawns, shared by every subcommand that lists single spawns.
struct SpawnSelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only spawns whose program's path this pattern matches; its last component alone where it has no '/'.",
            valueName: "glob"))
    var program: String?

    @Option(help: ArgumentHelp("Only spawns with a frame in the call site that contains this.", valueName: "text"))
    var callsite: String?

    @Option(help: ArgumentHelp("Only the spawn of this process, and those that it made.", valueName: "pid"))
    var pid: Int32?

    @Option(
        help: ArgumentHelp(
            "Only spawns created from this time of the session on: seconds as 2.5, or 500ms, 2s, 1m.", valueName: "time"
        ))
    var from: String?

    @Option(help: ArgumentHelp("Only spawns created before this time of the session.", valueName: "time"))
    var to: String?

    @Option(help: "Only spawns that went so: executed, forked, failed, unreaped, orphaned or unfinished.")
    var outcome: SpawnSelection.Outcome?

    func validate() throws { _ = try selection() }

    func selection() throws -> SpawnSelection {
        var selection = SpawnSelection()
        selection.program = program.map(Glob.init)
        selection.callSite = callsite
        selection.pid = pid
        selection.from = try from.map { try Self.time($0, "--from") }
        selection.to = try to.map { try Self.time($0, "--to") }
        selection.outcome = outcome
        if let from = selection.from, let to = selection.to, to <= from {
            throw ValidationError("--to must be later than --from: no time is between them")
        }
        return selection
    }

    private static func time(_ text: String, _ option: String) throws -> UInt64 {
        guard let time = Quantity.time(text) else {
            throw ValidationError("\(option): '\(text)' is no time such as 2.5, 500ms, 2s or 1m")
        }
        return time
    }
}

extension SpawnSelection.Outcome: ExpressibleByArgument {}
