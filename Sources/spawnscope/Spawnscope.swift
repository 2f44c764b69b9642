import ArgumentParser

@main
struct Spawnscope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spawnscope",
        abstract: "What every spawn of a program costs, which line of code asked for it, and whether it got worse.",
        subcommands: [FoldCommand.self]
    )
}
