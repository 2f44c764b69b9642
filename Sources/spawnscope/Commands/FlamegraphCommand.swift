internal import ArgumentParser
internal import FlameGraphs
internal import Profiles

struct FlamegraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flamegraph",
        abstract: "Draw a session, or the difference of two, as an interactive flame graph: one SVG file.",
        discussion: """
            A frame is as wide as what it holds. Colours tell commands, call sites, programs, phases, user and kernel functions \
            apart. The file needs no network and nothing else; open it in a browser: click to zoom, / to search by a regular \
            expression, i to turn it over, arrows and Enter to go by keyboard, Escape to see all. The address keeps what is shown.

            With --base, colours tell how each frame changed from there to SESSION: blue is less, vermillion is more; the numbers \
            of both are shown. w, or --widths base, makes frames as wide as in the base, so that what is gone is seen.

            What the numbers leave out, lost events for one, is said in the picture and on standard error.

            Examples:
              spawnscope flamegraph -o spawns.svg
              spawnscope flamegraph --weight overhead --frames callsite,phase -o a.svg
              spawnscope flamegraph --weight samples --icicle -o b.svg build.data
              spawnscope flamegraph --base old.data -o change.svg new.data
              spawnscope flamegraph --base old.data --normalise -o change.svg new.data
            """
    )

    enum Widths: String, ExpressibleByArgument, CaseIterable {
        case head, base
    }

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @OptionGroup var selection: FoldSelection

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
    var output = "-"

    @Option(help: ArgumentHelp("Show how SESSION differs from this one.", valueName: "session"))
    var base: String?

    @Flag(help: "With --base: compare the share of each run, not the number, where one run did more than the other.")
    var normalise = false

    @Option(help: "With --base: whose numbers the widths are at first.")
    var widths: Widths?

    @Flag(inversion: .prefixedNo, help: "The root at the top, or at the bottom (default: at the top above 30 levels).")
    var icicle: Bool?

    @Option(help: ArgumentHelp("The title (default: the session's command).", valueName: "text"))
    var title: String?

    @Option(
        help: ArgumentHelp("Leave out frames of less than this part of the whole, in percent.", valueName: "percent"))
    var minWidth = 0.01

    @Option(help: ArgumentHelp("Leave out what is deeper.", valueName: "levels"))
    var maxDepth = 1024

    @OptionGroup var loudness: Loudness

    func validate() throws {
        guard minWidth >= 0, minWidth <= 100 else { throw ValidationError("--min-width is a number from 0 to 100") }
        guard maxDepth > 0, maxDepth <= 100_000 else {
            throw ValidationError("--max-depth is a number from 1 to 100000")
        }
        if base == nil, normalise || widths != nil {
            throw ValidationError("--normalise and --widths go with --base")
        }
        if base == "-", session == "-" { throw ValidationError("standard input cannot be both sessions") }
    }

    func run() throws {
        loudness.apply()
        try CommandWorker.run(sessions: [session, base].compactMap { $0 }, results: [output]) { try work() }
    }

    private func work() throws {
        let head = try PicturedSession(session, selection)
        let base = try base.map { try PicturedSession($0, selection) }
        if let base, base.fold.meaning != head.fold.meaning {
            Terminal.say(
                "\(base.path): counts \(base.fold.meaning.name), \(head.path) \(head.fold.meaning.name); say which by --weight or --event"
            )
            throw ExitStatus.dataError
        }
        // Opened before drawing, so that a path that cannot be written is reported at once.
        var file = try OutputFile(output, refusingTerminal: "a picture")
        let graph = FlameGraph(pair(head, base), options(head, base))
        graph.write { file.write($0) }
        try file.commit()
        try base?.say()
        try head.say()
        for line in graph.leftOutLines { Terminal.note("\(session): \(line)") }
    }

    private func pair(_ head: PicturedSession, _ base: PicturedSession?) -> ProfilePair {
        guard let base else { return ProfilePair(head.fold.tree, names: head.fold.names) }
        return ProfilePair(
            base: base.fold.tree, names: base.fold.names, head: head.fold.tree, names: head.fold.names)
    }

    private func options(_ head: PicturedSession, _ base: PicturedSession?) -> FlameGraph.Options {
        var options = FlameGraph.Options(meaning: head.fold.meaning, describe: head.describe)
        options.title = title ?? head.title
        if let base {
            options.lines = ["head: \(head.path), \(head.summary)", "base: \(base.path), \(base.summary)"]
            options.remarks = head.remarks.map { "head: \($0)" } + base.remarks.map { "base: \($0)" }
        } else {
            options.lines = [head.summary]
            options.remarks = head.remarks
        }
        options.isIcicle = icicle
        options.showsBaseWidths = widths == .base
        options.normalises = normalise
        options.limits.leastShare = minWidth / 100
        options.limits.mostDepth = maxDepth
        return options
    }
}
