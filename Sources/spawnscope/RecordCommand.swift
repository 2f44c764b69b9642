import ArgumentParser
import ELFImages
import Glibc
import PerfCapture

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Run a command and write a session of every spawn in it.",
        usage: "spawnscope record [-o FILE] [-e EVENT,…] [--filter EXPR] [-g] [--sample HZ] [--] COMMAND [ARGUMENT …]",
        discussion: """
            Exits with the command's own status, 128+N when signal N ended it. Spawnscope's own failures are 125, a command \
            that cannot be executed 126, one that is not found 127. An option of the command's needs -- before the command.
            """
    )

    @Option(name: [.short, .customLong("output")], help: "The session to write; one that exists is kept as FILE.old.")
    var output = "spawnscope.data"

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

    @Option(help: ArgumentHelp("cpu-clock samples a second, with callchains.", valueName: "hz"))
    var sample: UInt64?

    @Option(help: "Ring buffer a CPU, a power of two: bytes, or with K, M or G.")
    var ringSize = ByteCount(4 << 20)

    @Flag(help: "Record no system calls: cheaper for the rest of the machine, with fewer phases known.")
    var noSyscalls = false

    @Argument(help: "The command and its arguments.")
    var command: [String] = []

    func run() throws {
        var options = RecordingOptions(command: RawArguments.matching(command))
        options.output = output
        options.tracepoints = event.flatMap { $0.split(separator: ",").map(String.init) }
        options.filter = filter
        options.callchains = callGraph
        options.sampleFrequency = sample
        options.ringSize = ringSize.bytes
        options.leavesOutSystemCalls = noSyscalls
        options.toolVersion = Spawnscope.version
        options.commandLine = CommandLine.arguments
        do throws(RecordingError) {
            let outcome = try Recorder.record(options) { path in try? ELFFile(path: path).layout.buildID }
            printSummary(outcome)
            Glibc.exit(outcome.exitStatus)
        } catch {
            StandardError.print("spawnscope: \(error)")
            Glibc.exit(error.exitStatus)
        }
    }
}

/// A number of bytes as people write it: 65536, 512K, 4M, 1G.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init(_ bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let shift =
            switch argument.last {
            case "K", "k": 10
            case "M", "m": 20
            case "G", "g": 30
            default: 0
            }
        guard let number = Int(shift == 0 ? argument : String(argument.dropLast())), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String { "\(bytes >> 20)M" }
}
