internal import Analysis
internal import ArgumentParser
internal import Capture
internal import Comparison
internal import Folding
internal import Glibc
internal import LinuxSystem
internal import PerfData

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Tell whether spawns got worse between two sets of sessions, with honest statistics.",
        usage: """
            spawnscope compare --base SESSION … --head SESSION … [OPTION …]
            spawnscope compare --runs N --base-command 'CMD A' --head-command 'CMD B' [OPTION …]
            """,
        discussion: """
            The unit is the run, a session, never the single spawn. Counts that never vary on either side are compared as \
            they are, from one run a side on. Times, and counts that vary, are tested by rearranging the runs: as pairs \
            where they were recorded in turns and are enough for that, otherwise as two samples, of which a drift in the \
            order of recording is taken away first. The chance of any false alarm among all gates together is at most 1% \
            (Holm's correction); with the default gates this takes 6 runs a side, and 9 in turns for the exact pairs.

            A time is worse if the test passes that level and the change is at least --threshold; it is the same if the \
            95% interval of the change lies within ± that; otherwise it is unclear, with the reason.

            Gates decide, everything else is only shown: spawns, execs, failed_attempts, forked and unreaped of the whole \
            run; overhead, the median of its spawns; and duration, the total of the whole run. --gate adds METRIC, one of \
            these, failed, orphaned, unfinished, failed_creations, a phase (create, wake, prepare, search, exec, link, \
            run, reap), blocked or total, of a spawn; counts, all default counts; program:GLOB:METRIC; or \
            callsite:TEXT:METRIC. --gate none drops those there are so far.

            With commands, both are recorded in turns, in random order inside each pair, after a warm-up. Recording ends \
            early by one rule alone, which keeps the chance of a false alarm: with --runs 24 or more there is a look \
            after half of the runs, at a level of 0.1%, and the last one is at 0.9% (Haybittle and Peto). A command \
            without quotes, $ and the like runs as it is, others run in /bin/sh -c. Ctrl-C ends it with what is there.

            Exits with 1 if a gate is worse; else with 3 if one is unclear, a session was cut or lost events, a recorded \
            command failed, or the sides are not comparable; else with 0. One run a side: 1 if a count is worse, 3 if \
            all are the same, or 0 with --counts-only.

            Examples:
              spawnscope compare --base old*.data --head new*.data
              spawnscope compare --base main.data --head branch.data --counts-only
              spawnscope compare --runs 10 --base-command './old all' --head-command './new all'
              spawnscope compare --base a*.data --head b*.data --gate none --gate 'program:*/git:spawns'
              spawnscope compare --base a.data --head b.data --fold | flamegraph.pl > difference.svg
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, markdown, junit
    }

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Sessions as it was: one run each, of the same command.", valueName: "session"))
    var base: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Sessions as it is now.", valueName: "session"))
    var head: [String] = []

    @Option(help: ArgumentHelp("Record this command for the base.", valueName: "command"))
    var baseCommand: String?

    @Option(help: ArgumentHelp("Record this command for the head.", valueName: "command"))
    var headCommand: String?

    @OptionGroup var commandUser: CommandUserOption

    @Option(help: ArgumentHelp("Runs a side, with commands. (default: 10)", valueName: "n"))
    var runs: Int?

    @Option(help: ArgumentHelp("Runs of each command before the first that counts. (default: 1)", valueName: "n"))
    var warmup: Int?

    @Option(
        help: ArgumentHelp(
            "Where the recorded sessions are kept, base-01.data and so on; it must be yours. If it is not empty, the run gets a new directory in it: 2, 3. (default: spawnscope-compare)",
            valueName: "directory"))
    var outputDir: String?

    @Option(help: ArgumentHelp("The smallest change of a time that matters: 5% or 5.", valueName: "percent"))
    var threshold = "5%"

    @Option(
        help: ArgumentHelp(
            "A metric that decides as well; none drops the others. May be repeated.", valueName: "metric"))
    var gate: [String] = []

    @Flag(help: "Times decide nothing.")
    var countsOnly = false

    @Flag(help: "Commands that failed are no reason for doubt.")
    var ignoreFailure = false

    @Flag(help: "Compare what is of other machines, kernels, commands or recording options, too.")
    var allowDifferentMachines = false

    @Option(help: "text for people; json, one object; markdown for a pull request; or junit, an XML test report.")
    var format = Format.text

    @Flag(help: "Show every program and call site with all its figures (text).")
    var all = false

    @Flag(help: "Print folded stacks with the number of each side instead, as difffolded.pl does; exits with 0.")
    var fold = false

    @Option(help: "With --fold, what the numbers count: spawns, or nanoseconds of a phase, overhead, total or blocked.")
    var weight: Weight?

    @OptionGroup var loudness: Loudness

    func validate() throws {
        let records = baseCommand != nil || headCommand != nil
        if records {
            guard base.isEmpty, head.isEmpty else {
                throw ValidationError("--base and --head name sessions that are there: they go without --base-command")
            }
            guard baseCommand != nil, headCommand != nil else {
                throw ValidationError("both sides are needed: give --base-command and --head-command")
            }
        } else {
            guard !base.isEmpty, !head.isEmpty else {
                throw ValidationError("both sides are needed: give --base SESSION and --head SESSION")
            }
            if runs != nil || warmup != nil || outputDir != nil || commandUser.user != nil {
                throw ValidationError("--runs, --warmup, --output-dir and -u go with --base-command and --head-command")
            }
        }
        if let runs, !(1...1000).contains(runs) { throw ValidationError("--runs: a number from 1 to 1000") }
        if let warmup, !(0...1000).contains(warmup) { throw ValidationError("--warmup: a number from 0 to 1000") }
        if all, format != .text { throw ValidationError("--all goes with --format text; json has everything") }
        if weight != nil, !fold { throw ValidationError("--weight goes with --fold") }
        if let weight, !weight.isOfSpawns { throw ValidationError("--weight \(weight.rawValue) is none of spawns") }
        if fold, format != .text || all { throw ValidationError("--fold has a format of its own") }
        if !records, fold, base.count != head.count {
            throw ValidationError("--fold adds the sessions of each side up: give as many on both")
        }
        if base.count + head.count > 1, (base + head).contains("-") {
            throw ValidationError("standard input is no session that can be compared: name files")
        }
        _ = try options()
    }

    private func options() throws -> ComparisonOptions {
        var options = ComparisonOptions()
        let number = threshold.hasSuffix("%") ? String(threshold.dropLast()) : threshold
        guard let percent = Double(number), percent > 0, percent <= 100 else {
            throw ValidationError("--threshold: '\(threshold)' is no percentage such as 5% or 2.5")
        }
        options.threshold = percent / 100
        do throws(GateSelectionError) {
            options.gates = try GateSelection(gate)
        } catch .unknownMetric(let name) {
            let known = Metric.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--gate: '\(name)' is none of counts, none, \(known)")
        } catch .ofRunAlone(let metric) {
            throw ValidationError("--gate: only the whole run has \(metric.name)")
        } catch {
            throw ValidationError("--gate: write METRIC, program:GLOB:METRIC or callsite:TEXT:METRIC")
        }
        options.countsOnly = countsOnly
        options.ignoresFailure = ignoreFailure
        options.allowsDifferentMachines = allowDifferentMachines
        return options
    }

    func run() throws {
        loudness.apply()
        var options = try options()
        guard let baseCommand, let headCommand else {
            return try compare(base, head, options)
        }
        options.expectsOtherCommand = true
        do throws(RecordingError) {
            _ = try commandUser.find(hasCommand: true)
        } catch {
            throw ValidationError("\(error)")
        }
        commandUser.noteInvoker(commands: [baseCommand, headCommand].compactMap { CommandWords.of($0).first })
        var recording = SideRecording(
            base: baseCommand, head: headCommand, runs: runs ?? 10, warmup: warmup ?? 1,
            directory: outputDir ?? "spawnscope-compare", user: commandUser.user)
        let ended = try recording.record { base, head, level in isWorse(base, head, level, options) }
        options.level = ended.level
        if let signal = ended.signal {
            // Shows the runs made so far. The exit status must still tell the caller of the signal.
            if !recording.base.isEmpty { try? compare(recording.base, recording.head, options) }
            throw ExitCode(128 + signal)
        }
        try compare(recording.base, recording.head, options)
    }

    private func compare(_ base: [String], _ head: [String], _ options: ComparisonOptions) throws {
        try CommandWorker.run(sessions: base + head) {
            if fold { return try CompareFold.print(base: base, head: head, weight: weight ?? .spawns) }
            try show(RunComparison.compare(base: summaries(base), head: summaries(head), options))
        }
    }

    /// Whether the sessions recorded so far already show a gate that is worse, at this level.
    private func isWorse(_ base: [String], _ head: [String], _ level: Double, _ options: ComparisonOptions) -> Bool {
        let result = try? Worker.run(CommandWorker.policy(sessions: base + head, results: [])) {
            Terminal.isQuiet = true
            var options = options
            options.level = level
            return CommandWorker.status {
                let verdict = try RunComparison.compare(base: summaries(base), head: summaries(head), options).verdict
                if verdict != .worse { throw ExitStatus.cannotTell }
            }
        }
        return result?.end == .exited(0)
    }

    private func summaries(_ paths: [String]) throws -> [RunSummary] {
        try paths.map { path in try SessionRun.load(path) }
    }

    private func show(_ result: ComparisonResult) throws {
        let bytes: [UInt8]
        switch format {
        case .text:
            var options = ComparisonText.Options()
            options.width = Terminal.width
            options.isColoured = Terminal.hasColour
            options.showsAll = all
            bytes = Array(ComparisonText(result, options).lines.map { $0 + "\n" }.joined().utf8)
        case .json: bytes = ComparisonJSON.bytes(result)
        case .markdown: bytes = Array(ComparisonMarkdown.text(result).utf8)
        case .junit: bytes = Array(ComparisonJUnit.text(result).utf8)
        }
        if let failure = Terminal.write(bytes) { throw failure }
        guard result.exitStatus == 0 else { throw ExitCode(result.exitStatus) }
    }
}

extension SessionRun {
    /// Reads a session. If that fails, says what is wrong and throws the exit status.
    static func load(_ path: String) throws -> RunSummary {
        let loaded = try LoadedSession(path: path)
        let run = SessionRun(loaded.session)
        loaded.sayDamage()
        if run.undecodedRecords > 0 {
            Terminal.note("\(path): \(Quantity.leftOut(run.undecodedRecords, "damaged record"))")
        }
        try loaded.requireSamples()
        guard run.hasSpawnEvents else {
            Terminal.say(
                "\(path): has no spawn events: record it with 'spawnscope record', or with perf's task:task_newtask")
            throw ExitStatus.cannotTell
        }
        if run.summary.whole.counts[.spawns] == 0 { Terminal.note("\(path): has no spawns") }
        return run.summary
    }
}
