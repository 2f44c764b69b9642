internal import Analysis
internal import ArgumentParser
internal import Capture
internal import Glibc
internal import Reports
internal import SpawnModel
internal import SpawnStatistics

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "What the spawns of a session cost, which call site asked for them, and what failed or leaked.",
        discussion: """
            Without options, one screen: where a spawn's time goes phase by phase, the call sites by the overhead that \
            they cost, what would save time, the programs, failed exec attempts, and children that were never reaped.

            What a session cannot tell is named, and is absent from JSON and CSV; it is never 0. Options that select \
            spawns go with every format, and together.

            Exits with 3 if the session has no spawn events.

            Examples:
              spawnscope report
              spawnscope report --all build.data
              spawnscope report --format json build.data
              spawnscope report --format json --spawns build.data
              spawnscope report --format csv --program '*/cc1' build.data
              spawnscope report --callsite main.render --from 2s --to 10s build.data
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv
    }

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @Option(help: "text for people; json, one object; or csv, a row for each spawn.")
    var format = Format.text

    @Flag(help: "List every spawn, with --format json (csv does anyway).")
    var spawns = false

    @Flag(help: "Show every program, call site and failure, and call sites with their whole stacks (text).")
    var all = false

    @Flag(help: "Make functions that the compiler put into others frames of call sites, where debug information tells.")
    var inline = false

    @OptionGroup var selection: SpawnSelectionOptions

    @OptionGroup var loudness: Loudness

    func validate() throws {
        if spawns, format == .text {
            throw ValidationError("--spawns lists every spawn for programs: give --format json, or --format csv")
        }
        if all, format != .text { throw ValidationError("--all goes with --format text; json has everything") }
    }

    func run() throws {
        loudness.apply()
        try CommandWorker.run(sessions: [session]) { try work() }
    }

    private func work() throws {
        let loaded = try LoadedSession(path: session, isStreamed: format != .text)
        var output = ReportOutput(format: format, listsSpawns: spawns, of: SessionOrigin(loaded.session))
        let walked = SpawnReport(
            loaded.session, selection: try selection.selection(), wantsLines: true, showsInlined: inline
        ) { reported in
            output.add(reported)
            return output.failure == nil
        }
        if walked.hasSpawnEvents { output.finish(walked.report, lines: lines) }
        if let failure = output.failure { throw failure }
        loaded.sayDamage()
        for line in walked.imageNotes.prefix(16) { Terminal.note("\(session): \(line)") }
        if walked.undecodedRecords > 0 {
            Terminal.note("\(session): \(Quantity.leftOut(walked.undecodedRecords, "damaged record"))")
        }
        try loaded.requireSamples()
        guard walked.hasSpawnEvents else {
            Terminal.say(
                "\(session): has no spawn events: record it with 'spawnscope record', or with perf's task:task_newtask")
            throw ExitStatus.cannotTell
        }
        if walked.report.spawns.totals.spawns == 0 {
            let isEverything = try selection.selection().isEverything
            Terminal.note("\(session): \(isEverything ? "has no spawns" : "no spawn is selected")")
        }
    }

    private func lines(_ report: Report) -> [String] {
        var options = TextReport.Options()
        options.width = Terminal.width
        options.isColoured = Terminal.hasColour
        options.showsAll = all
        return TextReport(report, options).lines
    }
}

/// The standard output of `report`, written in pieces.
private struct ReportOutput {
    private let format: ReportCommand.Format
    private var json: JSONReport
    private var csv: CSVReport
    private(set) var failure: ExitCode?
    private var pending: [UInt8] = []

    init(format: ReportCommand.Format, listsSpawns: Bool, of origin: SessionOrigin) {
        self.format = format
        json = JSONReport(listsSpawns: listsSpawns)
        csv = CSVReport(origin)
    }

    mutating func add(_ reported: ReportedSpawn) {
        switch format {
        case .text: return
        case .json:
            json.add(reported)
            pending += json.take()
        case .csv:
            csv.add(reported.spawn, callSite: reported.callSite, group: reported.group)
            pending += csv.take()
        }
        if pending.count > 1 << 16 { flush() }
    }

    mutating func finish(_ report: Report, lines: (Report) -> [String]) {
        switch format {
        case .text: pending += lines(report).map { $0 + "\n" }.joined().utf8
        case .json:
            json.finish(report)
            pending += json.take()
        case .csv: pending += csv.take()
        }
        flush()
    }

    private mutating func flush() {
        guard failure == nil else { return }
        failure = Terminal.write(pending)
        pending.removeAll(keepingCapacity: true)
    }
}
