internal import Analysis
internal import ArgumentParser
public import Folding
internal import PerfData
internal import Presentation
internal import Profiles

/// The options that choose what is folded, shared by every subcommand that folds.
struct FoldSelection: ParsableArguments {
    enum Names: String, ExpressibleByArgument, CaseIterable {
        case best, perf
    }

    @Option(help: ArgumentHelp("Fold this event's samples instead of the spawns.", valueName: "name"))
    var event: String?

    @Option(
        help: ArgumentHelp(
            """
            What a stack is made of, outermost first: a comma list of ancestry, callsite, program, phase, user, kernel, \
            container, unit.
            """,
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

    @Flag(
        help: """
            Make functions that the compiler put into others frames of their own, where debug information tells of them.
            """)
    var inline = false

    func validate() throws {
        if inline, names == .perf { throw ValidationError("--inline goes with --names best") }
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

    /// Folds the session. If it lacks the chosen event, says so and throws the exit status.
    func fold(_ loaded: LoadedSession, path: String) throws -> SelectedFold {
        let parts = try frames.map(Self.parse)
        // A session of Spawnscope, or any other recording with process creations.
        let hasSpawns =
            loaded.metadata != nil || loaded.file.events.contains { $0.name == "task:task_newtask" }
        let foldsSpawns = event == nil && names == .best && (hasSpawns || weight?.isOfSpawns == true || parts != nil)
        return try foldsSpawns ? foldSpawns(loaded, parts, path) : foldEvent(loaded, path)
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

    private func foldSpawns(_ loaded: LoadedSession, _ parts: [FramePart]?, _ path: String) throws -> SelectedFold {
        let weight = weight ?? (parts.map(Self.areOfSamples) == true ? .samples : .spawns)
        let defaults: [FramePart] =
            weight.isOfSpawns ? [.ancestry, .callsite, .program] : [.ancestry, .program, .user, .kernel]
        let fold = SpawnFold(
            loaded.session,
            SpawnFold.Options(parts: parts ?? defaults, weight: weight, showsInlined: inline))
        return SelectedFold(fold, weight, loaded, path: path)
    }

    /// Lists each name once: perf may record an event several times, once per CPU type.
    private static func list(_ names: [String]) -> String {
        var seen: Set<String> = []
        let distinct = names.filter { seen.insert($0).inserted }
        return distinct.isEmpty ? "none" : distinct.joined(separator: ", ")
    }

    private func foldEvent(_ loaded: LoadedSession, _ path: String) throws -> SelectedFold {
        let weight = weight ?? .period
        let options = EventFold.Options(
            event: event, usesPerfNames: names == .perf, weight: weight, showsInlined: inline)
        do throws(EventFoldError) {
            return SelectedFold(try EventFold(loaded.session, options), weight, loaded, path: path)
        } catch .unknownEvent(let name, let known) {
            Terminal.say(
                "\(path): has no event '\(name)'\(NearestName.question(name, among: known)); it has \(Self.list(known))"
            )
            throw ExitStatus.dataError
        }
    }
}

extension Weight: ExpressibleByArgument {}
