internal import Analysis
internal import ArgumentParser
public import Exports
internal import Folding
internal import PerfData
internal import Profiles
internal import Reports
internal import Session
internal import SpawnModel
internal import SpawnStatistics

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a session for other tools: pprof, speedscope, folded stacks, CSV, NDJSON or a Chrome trace.",
        discussion: """
            pprof is for 'go tool pprof': one gzipped profile with spawns, overhead, every phase, total and blocked as sample \
            types, and labels for program, mechanism and outcome. speedscope is the JSON of https://www.speedscope.app, a \
            profile for each of them. folded are the lines that fold prints. csv and ndjson have a row or an object for each \
            spawn. chrome is a trace for https://ui.perfetto.dev: a slice for each spawn with its phases, and an arrow from \
            its spawner.

            Options that select spawns go with every format but folded; --frames (of ancestry, callsite and program) and \
            --weight (the number that is shown first) go with pprof and speedscope, and all options of fold with folded.

            What a format has no place for is said on standard error. Exits with 3 if the session has no spawn events.

            Examples:
              spawnscope export --format pprof -o spawns.pb.gz
              spawnscope export --format speedscope -o spawns.speedscope.json build.data
              spawnscope export --format chrome -o spawns.trace.json build.data
              spawnscope export --format folded --weight overhead -o spawns.folded build.data
              spawnscope export --format csv --program '*/cc1' build.data
              spawnscope export --format ndjson --outcome failed build.data
            """
    )

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @Option(help: "pprof, speedscope, folded, csv, ndjson or chrome.")
    var format: ExportFormat

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
    var output = "-"

    @OptionGroup var selection: SpawnSelectionOptions

    @OptionGroup var fold: FoldSelection

    @OptionGroup var loudness: Loudness

    func validate() throws {
        guard format != .folded else {
            if try !selection.selection().isEverything {
                throw ValidationError("folded stacks are of all spawns: --format csv and the others select them")
            }
            return
        }
        if fold.event != nil || fold.names == .perf {
            throw ValidationError("--event and --names go with --format folded")
        }
        if fold.frames != nil || fold.weight != nil, !format.isOfSums {
            throw ValidationError("--frames and --weight go with --format pprof, speedscope and folded")
        }
        _ = try parts()
        _ = try weight()
    }

    private func parts() throws -> [SpawnStacks.Part] {
        guard let frames = fold.frames else { return SpawnStacks.Part.allCases }
        return try frames.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let part = SpawnStacks.Part(rawValue: String(word)) else {
                throw ValidationError("--frames: '\(word)' is none of ancestry, callsite, program")
            }
            return part
        }
    }

    private func weight() throws -> SpawnWeight {
        guard let name = fold.weight?.rawValue else { return .overhead }
        guard let weight = SpawnWeight(name: name) else { throw ValidationError("--weight \(name) is none of spawns") }
        return weight
    }

    func run() throws {
        loudness.apply()
        try CommandWorker.run(sessions: [session], results: [output]) { try work() }
    }

    private func work() throws {
        let loaded = try LoadedSession(path: session, isStreamed: output == "-")
        var file = try OutputFile(output, refusingTerminal: format.isBinary ? "a compressed profile" : nil)
        if var exporter = format.exporter(
            of: SessionOrigin(loaded.session), parts: try parts(), weight: try weight())
        {
            try export(loaded, &exporter, &file)
        } else {
            let selected = try fold.fold(loaded, path: session)
            FoldedText(selected.tree, names: selected.names).write { file.write($0) }
            selected.say()
        }
        try file.commit()
        loaded.sayDamage()
        try loaded.requireSamples()
        Terminal.note("\(session): \(format.rawValue) has no place for \(format.cannotCarry)")
    }

    private func export(
        _ loaded: LoadedSession, _ exporter: inout any SpawnExporter, _ file: inout OutputFile
    ) throws {
        var pending: [UInt8] = []
        let walked = SpawnReport(
            loaded.session, selection: try selection.selection(), showsInlined: fold.inline
        ) {
            exporter.add($0)
            pending += exporter.take()
            guard pending.count > 1 << 16 else { return true }
            defer { pending.removeAll(keepingCapacity: true) }
            return file.write(pending)
        }
        guard walked.hasSpawnEvents else {
            Terminal.say(
                "\(session): has no spawn events: record it with 'spawnscope record', or with perf's task:task_newtask")
            throw ExitStatus.cannotTell
        }
        var isOpen = file.write(pending)
        if isOpen {
            do throws(ExportError) {
                try exporter.finish(facts(loaded, walked)) { bytes in
                    isOpen = isOpen && file.write(bytes)
                    return isOpen
                }
            } catch {
                Terminal.say("\(session): the profile is larger than can be encoded; select a part of its spawns")
                throw ExitStatus.dataError
            }
        }
        for line in remarks(walked) + exporter.omissions { Terminal.note("\(session): \(line)") }
        if walked.report.spawns.totals.spawns == 0 {
            let isEverything = try selection.selection().isEverything
            Terminal.note("\(session): \(isEverything ? "has no spawns" : "no spawn is selected")")
        }
    }

    private func facts(_ loaded: LoadedSession, _ walked: SpawnReport) -> ExportFacts {
        let known = walked.report.facts
        var facts = ExportFacts(toolVersion: Spawnscope.version)
        facts.command = known.command
        facts.origin = known.origin
        facts.duration = known.duration
        facts.kernel = known.kernel
        facts.machine = known.machine
        facts.remarks = remarks(walked)
        return facts
    }

    private func remarks(_ walked: SpawnReport) -> [String] {
        let facts = walked.report.facts
        var lines: [String] = []
        if facts.lost > 0 { lines.append("\(Quantity.dropped(facts.lost)); the numbers are lower bounds") }
        if facts.isCut { lines.append("the recording was cut short") }
        if facts.truncatedStacks > 0 {
            lines.append(Quantity.truncated(facts.truncatedStacks, of: facts.stacks))
        }
        if walked.undecodedRecords > 0 { lines.append(Quantity.leftOut(walked.undecodedRecords, "damaged record")) }
        return lines
    }
}

extension ExportFormat: ExpressibleByArgument {}
