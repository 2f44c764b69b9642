import ArgumentParser
import Capture
import Glibc
import Presentation
import Session
import Symbolication

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        // Parsed by itself (`Spawnscope.parsed`), it need not look for the root's request for a completion script.
        _superCommandName: "spawnscope",
        abstract: "Write a session of every spawn in a command, in running processes, or in the machine.",
        usage: """
            spawnscope record [OPTION …] [--] COMMAND [ARGUMENT …]
            spawnscope record [OPTION …] -p PID,… | -a | --cgroup PATH | --container ID | --unit NAME
            spawnscope record [OPTION …] -a [--] COMMAND [ARGUMENT …]
            spawnscope record [OPTION …] --budget FILE [--] COMMAND [ARGUMENT …]
            """,
        discussion: """
            Exits with the command's own status, 128+N when signal N ended it; without a command with 0, however many \
            spawns there were. Spawnscope's own failures are 125, a command that cannot be executed 126, one that is not \
            found 127. With --budget, a command that succeeds exits with the budget's verdict: 0 within it, 1 over it, 3 where \
            it cannot be told, 65 where one matches nothing and --strict-selectors is given. Options behind the command's name are the command's.

            Examples:
              spawnscope record -- make -j2
              sudo spawnscope record -u "$USER" -- make -j2
              spawnscope record -o build.data -- make -B check
              spawnscope record --sample 999 -- make check
              spawnscope record --budget spawn-budget.yml -- make check
              spawnscope record --redact 'tenant-[0-9]+' -- make check
              spawnscope record -p 4711 --duration 10s
              spawnscope record -a --duration 10s --max-size 1G
              spawnscope record -a -- make check
              spawnscope record -q -o - -- make check | spawnscope fold -
            """
    )

    @Option(
        name: [.short, .customLong("output")],
        help: "The session to write; one that exists is kept as FILE.old. - streams it to standard output at the end.")
    var output = "spawnscope.data"

    @OptionGroup var commandUser: CommandUserOption

    @Option(
        name: [.customShort("p"), .customLong("pid")],
        help: ArgumentHelp(
            "Running processes, separated by commas, with all that they start; until Ctrl-C or the last of them ends.",
            valueName: "pid,…"))
    var pid: String?

    @Flag(
        name: [.customShort("a"), .customLong("all")],
        help: "Every process of the machine, until Ctrl-C; with a command, for as long as that runs.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "What runs in a control group and those below it: its directory, or its path in the hierarchy.",
            valueName: "path"))
    var cgroup: String?

    @Option(
        help: ArgumentHelp(
            "What runs in a container: the beginning of its id, as docker ps, podman ps and crictl ps show it.",
            valueName: "id"))
    var container: String?

    @Option(help: ArgumentHelp("What runs in a unit of systemd: nginx, or user@1000.service.", valueName: "name"))
    var unit: String?

    @Option(help: ArgumentHelp("End the recording after this time: 10s, 500ms, 2m.", valueName: "time"))
    var duration: String?

    @Flag(help: "Record until the command's last descendant has ended, not until the command has.")
    var waitForAll = false

    @Option(help: ArgumentHelp("End the recording before the session exceeds this size: 500M, 2G.", valueName: "size"))
    var maxSize: String?

    @Option(
        name: [.short, .customLong("event")],
        help: "Tracepoints to record as well, as system:event, separated by commas; may be repeated.")
    var event: [String] = []

    @Option(help: "The kernel's filter expression for the events of -e.")
    var filter: String?

    @Flag(
        name: [.customShort("g"), .customLong("call-graph")],
        help: "Callchains, kernel and user, with the events of -e.")
    var callGraph = false

    @Option(
        help: ArgumentHelp(
            "Count the calls of a function in a program or library, with their stacks; may be repeated.",
            valueName: "binary:symbol"))
    var probe: [String] = []

    @Option(help: ArgumentHelp("cpu-clock samples a second, with callchains.", valueName: "hz"))
    var sample: String?

    @Option(
        help: ArgumentHelp(
            "Ring buffer a CPU, a power of two: bytes, or with K, M or G. (default: 4M; up to 16M with stacks)",
            valueName: "size"))
    var ringSize: String?

    @Option(
        help: ArgumentHelp(
            "The most user stack kept with each creation, to unwind call sites; 0 for none. (default: 128K; 16K by events)",
            valueName: "size"))
    var stackSize: String?

    @Flag(help: "Tell the dynamic linker's share of each spawn by a breakpoint in libc, which costs it some 5%.")
    var link = false

    @Flag(help: "Record no system calls: cheaper for the rest of the machine, with fewer phases known.")
    var noSyscalls = false

    @Option(
        help: ArgumentHelp(
            "How the kernel is asked: joined (a spawn's life put together by BPF programs, Linux 5.15), events (samples of its tracepoints, which cost more) traced (ptrace, which needs no rights and knows less) or inherited (events of the command alone, which tell spawns, programs and lifetimes). (default: the first of them that this machine allows)",
            valueName: "recorder"))
    var recorder: String?

    @Option(
        help: ArgumentHelp(
            "Record nothing if this cannot be told here: counts (of spawns, execs and programs), stacks (call sites as well) or phases (all).",
            valueName: "what"))
    var require: String?

    @Flag(
        help: ArgumentHelp(
            "Keep the session as it was recorded, with its pieces of user stack, which are memory of the programs; pack does it later."
        ))
    var noPack = false

    @Flag(
        help:
            "Keep the records of processes that are not the workload's in the packed session, unwound and named as well."
    )
    var keepAll = false

    @Flag(help: "Leave the packed session uncompressed, for a perf or another reader that is built without zstd.")
    var noCompress = false

    @Option(
        help: ArgumentHelp(
            "Hide what matches this regular expression in the command that the session keeps, too; may be repeated.",
            valueName: "regex"))
    var redact: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Keep the command as it was typed, passwords and tokens in it as well; they are hidden where it is shown."))
    var keepSecrets = false

    /// Passed by `compare` to the recordings that it starts.
    @Option(help: ArgumentHelp("SIDE:ID of the comparison that this is recorded for.", visibility: .hidden))
    var comparison: String?

    @OptionGroup var debugServer: DebugServerOption

    @OptionGroup var budget: RecordBudget

    @OptionGroup var loudness: Loudness

    @Argument(help: "The command and its arguments, its own options among them.")
    var command: [String] = []

    func run() throws {
        loudness.apply()
        let server = try debugServer.server(failing: ExitCode(RecordingError.usage("").exitStatus))
        do throws(RecordingError) {
            if server != nil, noPack { throw .usage("--debuginfod goes with packing, and so not with --no-pack") }
            if keepAll, noPack { throw .usage("--keep-all goes with packing: --no-pack keeps all as it is") }
            var options = try options()
            let budgetFile = try budget.load()
            let output = try SessionOutput(self.output)
            options.output = output.path
            commandUser.noteInvoker(commands: command.isEmpty ? [] : [command[0]])
            let images = RecordedImages()
            let outcome = try Recorder.record(options, images: images.reader)
            // A signal that ends the recorder from here on leaves the session as it was recorded.
            Interruption.allow()
            let tail = RecordingTail(
                output: output, outcome: outcome, packs: !noPack, compresses: !noCompress, keepsAll: keepAll,
                server: server?.server, budgetFile: budgetFile, budget: budget,
                keepsStacks: options.stackSize != 0)
            let verdict = tail.run(fetch: server?.fetch)
            Glibc.exit(outcome.exitStatus != 0 ? outcome.exitStatus : verdict)
        } catch {
            StandardError.print("spawnscope: \(error)\(Self.suggestion(error))")
            Glibc.exit(error.exitStatus)
        }
    }

    /// For a tracepoint that this kernel lacks, suggests the one with the nearest name.
    private static func suggestion(_ error: RecordingError) -> String {
        guard case .unknownTracepoint(let name) = error,
            let list = try? TracingDirectory.find().read("available_events")
        else { return "" }
        let names = list.split(separator: UInt8(ascii: "\n")).lazy.map { String(decoding: $0, as: UTF8.self) }
        return NearestName.question(name, among: names)
    }

    private func options() throws(RecordingError) -> RecordingOptions {
        let patterns = try patterns()
        var options = RecordingOptions(command: RawArguments.matching(command))
        options.keptCommand = kept(options.command, patterns)
        options.target = try target()
        options.user = try commandUser.find(hasCommand: !command.isEmpty)
        options.output = output
        options.duration = try duration.map { text throws(RecordingError) in
            try Quantity.parse(text, of: "--duration", "no time such as 10s, 500ms or 2m", Quantity.duration)
        }
        options.waitsForAll = waitForAll
        options.maximumSize = try maxSize.map { text throws(RecordingError) in
            UInt64(try Quantity.parse(text, of: "--max-size", "no size such as 500M", Quantity.size))
        }
        options.tracepoints = event.flatMap { $0.split(separator: ",").map(String.init) }
        options.filter = filter
        options.callchains = callGraph
        options.sampleFrequency = try sample.map { text throws(RecordingError) in
            try Quantity.parse(text, of: "--sample", "no number of samples a second such as 999", { UInt64($0) })
        }
        options.ringSize = try ringSize.map { text throws(RecordingError) in
            try Quantity.parse(text, of: "--ring-size", "no size such as 4M", Quantity.size)
        }
        options.stackSize = try stackSize.map { text throws(RecordingError) in
            text == "0" ? 0 : try Quantity.parse(text, of: "--stack-size", "no size such as 16K, or 0", Quantity.size)
        }
        options.leavesOutSystemCalls = noSyscalls
        options.recorder = try recorder.map { text throws(RecordingError) in
            guard let kind = SessionMetadata.RecorderKind(rawValue: text) else {
                throw .usage("--recorder: '\(text)' is no recorder; give joined, events, traced or inherited")
            }
            return kind
        }
        options.requirement = try require.map { text throws(RecordingError) in
            guard let requirement = Requirement(rawValue: text) else {
                throw .usage("--require: '\(text)' is nothing that can be required; give counts, stacks or phases")
            }
            return requirement
        }
        options.probesLink = link
        options.probes = try probe.map { text throws(RecordingError) in try FunctionProbe(text) }
        if let parts = comparison?.split(separator: ":", maxSplits: 1), parts.count == 2 {
            options.comparison = (side: String(parts[0]), id: String(parts[1]))
        }
        options.toolVersion = Spawnscope.version
        options.commandLine = kept(CommandLine.arguments.map { Array($0.utf8) }, patterns).map {
            String(decoding: $0, as: UTF8.self)
        }
        return options
    }

    /// Compiles the `--redact` expressions. Errors do not repeat an expression, which may be the secret itself.
    private func patterns() throws(RecordingError) -> [SecretPattern] {
        var patterns: [SecretPattern] = []
        for (index, text) in redact.enumerated() {
            do throws(SecretPatternError) {
                patterns.append(try SecretPattern(text))
            } catch {
                let which = redact.count == 1 ? "what was given" : "number \(index + 1) of them"
                throw .usage(
                    "--redact: \(which) is no regular expression; put a \\ before a character that means itself")
            }
        }
        return patterns
    }

    /// The words with secrets hidden, as the session stores them.
    private func kept(_ words: [[UInt8]], _ patterns: [SecretPattern]) -> [[UInt8]] {
        patterns.reduce(keepSecrets ? words : Secrets.hidden(in: words)) { $1.hidden(in: $0) }
    }

    private func target() throws(RecordingError) -> RecordingTarget {
        let groups = [cgroup, container, unit].compactMap { $0 }
        guard (pid == nil ? 0 : 1) + groups.count + (all ? 1 : 0) <= 1 else {
            throw .usage("-p, -a, --cgroup, --container and --unit exclude each other: give one of them")
        }
        if let pid {
            var processes: [Int32] = []
            for part in pid.split(separator: ",", omittingEmptySubsequences: false) {
                guard let number = Int32(part), number > 0 else {
                    throw .usage("-p: '\(part)' is no process id; give numbers separated by commas")
                }
                processes.append(number)
            }
            return .processes(processes)
        }
        if let cgroup { return .cgroup(cgroup) }
        if let container { return .cgroup(try ControlGroupSearch.path(of: .container(container))) }
        if let unit { return .cgroup(try ControlGroupSearch.path(of: .unit(unit))) }
        return all ? .machine : .command
    }
}
