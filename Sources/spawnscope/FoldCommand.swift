public import Analysis
public import ArgumentParser
internal import Glibc
internal import PerfData
internal import Profiles

struct FoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fold",
        abstract: "Print a session as folded stacks, one line each: outermost;…;innermost number.",
        discussion: """
            Without options, a session with spawns gives a line for each chain of commands, call site and program, and how \
            often it was spawned. Other perf.data files give the samples of their first event.

            A stack whose unwinding stopped too early begins with [truncated], a frame without a name is [unknown], or \
            [libc.so.6] where at least the file is known. A child that never executed a program is [forked], one whose \
            attempts all failed [failed].

            To see a flame graph today, pipe the lines into a tool that draws them:
              spawnscope fold | flamegraph.pl > spawns.svg
              spawnscope fold | inferno-flamegraph > spawns.svg
              spawnscope fold > spawns.folded      and open the file in https://www.speedscope.app

            Examples:
              spawnscope fold
              spawnscope fold --frames callsite,program build.data
              spawnscope fold --weight overhead --frames callsite,phase build.data
              spawnscope fold --weight samples build.data
              spawnscope fold --event cycles --names perf perf.data
            """
    )

    enum Names: String, ExpressibleByArgument, CaseIterable {
        case best, perf
    }

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @Option(help: ArgumentHelp("Fold this event's samples instead of the spawns.", valueName: "name"))
    var event: String?

    @Option(
        help: ArgumentHelp(
            "What a stack is made of, outermost first: a comma list of ancestry, callsite, program, phase, user, kernel.",
            valueName: "parts"))
    var frames: String?

    @Option(
        help: """
            What a stack's number counts: spawns; nanoseconds of a phase (create, wake, prepare, search, exec, link, run, \
            reap), of the overhead (create to link), of all (total), or of the spawners' waiting (blocked); samples; or \
            period, the sum of the samples' periods.
            """)
    var weight: Weight?

    @Option(help: "Names of frames: the best known, or exactly those of 'perf script | stackcollapse-perf.pl'.")
    var names = Names.best

    func validate() throws {
        let parts = try frames.map(Self.parse)
        let foldsEvent = event != nil || names == .perf
        if foldsEvent, parts != nil {
            throw ValidationError("--frames chooses the parts of spawns and goes with neither --event nor --names perf")
        }
        if foldsEvent, let weight, weight.isOfSpawns {
            throw ValidationError("--weight \(weight.rawValue) goes with neither --event nor --names perf")
        }
        if let parts, parts.contains(.phase), weight.map({ $0.phases.isEmpty }) ?? true {
            throw ValidationError("--frames phase goes with --weight overhead, total, or one phase")
        }
        if weight?.isOfSpawns == true, let parts, Self.areOfSamples(parts) {
            throw ValidationError(
                "--frames user and kernel are parts of samples and go with --weight samples or period")
        }
    }

    func run() throws {
        let parts = try frames.map(Self.parse)
        let loaded = try LoadedSession(path: session)
        // A session of ours, or any recording that tells of creations.
        let hasSpawns =
            loaded.metadata != nil || loaded.file.events.contains { $0.name == "task:task_newtask" }
        let foldsSpawns = event == nil && names == .best && (hasSpawns || weight?.isOfSpawns == true || parts != nil)
        if foldsSpawns {
            try foldSpawns(loaded, parts)
        } else {
            try foldEvent(loaded)
        }
        loaded.sayDamage()
    }

    private static func parse(_ list: String) throws -> [FramePart] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let part = FramePart(rawValue: String(word)) else {
                let known = FramePart.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--frames: '\(word)' is none of \(known)")
            }
            return part
        }
    }

    private static func areOfSamples(_ parts: [FramePart]) -> Bool {
        parts.contains(.user) || parts.contains(.kernel)
    }

    private func foldSpawns(_ loaded: LoadedSession, _ parts: [FramePart]?) throws {
        let weight = weight ?? (parts.map(Self.areOfSamples) == true ? .samples : .spawns)
        let defaults: [FramePart] =
            weight.isOfSpawns ? [.ancestry, .callsite, .program] : [.ancestry, .program, .user, .kernel]
        let fold = SpawnFold(
            loaded.file, loaded.metadata, SpawnFold.Options(parts: parts ?? defaults, weight: weight))
        try Terminal.write(FoldedText(fold.tree, names: fold.names))
        say(fold.notes, loaded)
        let without = fold.notes.spawnsWithoutWeight
        if without > 0 {
            Terminal.say(
                "\(session): \(without) of \(fold.notes.counted) spawns add nothing: their \(weight.rawValue) is not known"
            )
        } else if weight.isOfTime, fold.tree.total == 0, fold.notes.counted > 0 {
            Terminal.say("\(session): \(weight.rawValue) is not known of any spawn")
        }
        if fold.notes.counted == 0 {
            let what = weight.isOfSpawns ? "spawns" : "samples of its workload (record them with --sample HZ)"
            Terminal.say("\(session): has no \(what)")
        }
    }

    /// Each name once: perf may have an event several times, one for each kind of CPU.
    private static func list(_ names: [String]) -> String {
        var seen: Set<String> = []
        let distinct = names.filter { seen.insert($0).inserted }
        return distinct.isEmpty ? "none" : distinct.joined(separator: ", ")
    }

    private func foldEvent(_ loaded: LoadedSession) throws {
        let options = EventFold.Options(event: event, usesPerfNames: names == .perf, weight: weight ?? .period)
        let fold: EventFold
        do throws(EventFold.Problem) {
            fold = try EventFold(loaded.file, options)
        } catch .unknownEvent(let name, let known) {
            Terminal.say("\(session): has no event '\(name)'; it has \(Self.list(known))")
            throw ExitStatus.dataError
        }
        try Terminal.write(FoldedText(fold.tree, names: fold.names))
        say(fold.notes, loaded)
        if fold.notes.counted == 0 {
            let event = fold.event.map { "samples of \($0) with a stack" } ?? "samples"
            Terminal.say("\(session): has no \(event)")
        }
    }

    /// Files are named one by one as long as they are few.
    private static let mostWarnings = 16

    private func say(_ notes: FoldNotes, _ loaded: LoadedSession) {
        // The recorder's own count has what was lost last, too, which no record tells.
        let lost = max(notes.lostEvents, loaded.metadata?.end?.lost ?? 0)
        if lost > 0 {
            Terminal.say("\(session): the kernel dropped \(lost) events; the numbers are lower bounds")
        }
        if let line = TruncationText.line(notes) { Terminal.say("\(session): \(line)") }
        for path in notes.brokenUnwindTables.prefix(Self.mostWarnings) {
            Terminal.say("\(session): \(path): its unwind information is damaged; stacks through it may be truncated")
        }
        if let first = notes.otherFiles.first {
            let others = notes.otherFiles.count == 1 ? "" : " (and \(notes.otherFiles.count - 1) more)"
            Terminal.say("\(session): \(first)\(others) is not the file that was recorded; its functions have no names")
        }
        if notes.undecodedRecords > 0 {
            Terminal.say("\(session): \(notes.undecodedRecords) damaged records were left out")
        }
    }
}

extension Weight: ExpressibleByArgument {}
