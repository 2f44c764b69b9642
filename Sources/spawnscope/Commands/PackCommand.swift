internal import ArgumentParser
internal import Glibc
internal import LinuxSystem
internal import Packing
internal import PerfData
internal import Session
internal import Symbolication

struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Unwind a session's stacks and store its names in it, so that it gives the same answers anywhere.",
        discussion: """
            record does this by itself when it ends, unless --no-pack is given. Pieces of user stack, which are memory of the \
            program, become callchains and are left out; the names that the stacks need are stored with the session, as this \
            machine has them now. So pack where, and before, programs and libraries change. What perf record wrote is packed \
            as well, with --call-graph dwarf too. The result is a perf.data file that perf opens.

            The session is replaced when it is complete, and stays what it was where that fails.

            Examples:
              spawnscope pack
              spawnscope pack -o small.data perf.data
              spawnscope pack --debuginfod -o named.data perf.data
              spawnscope pack --no-compress -o plain.data
            """
    )

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp(
            "The packed session, in place of the session itself; one that exists is kept as FILE.old.",
            valueName: "file"))
    var output: String?

    @Flag(help: "Keep the records of processes that are not the workload's, unwound and named as well.")
    var keepAll = false

    @Flag(
        help:
            "Leave the records uncompressed, for a perf or another reader that is built without zstd; those of a packed session, too."
    )
    var noCompress = false

    @OptionGroup var debugServer: DebugServerOption

    @OptionGroup var loudness: Loudness

    func run() throws {
        loudness.apply()
        guard session != "-" || output != nil else {
            Terminal.say("standard input cannot be replaced: name a file with -o")
            throw ExitStatus.usage
        }
        let server = try debugServer.server(failing: ExitStatus.unavailable)
        try CommandWorker.run(sessions: [session], results: [output ?? session], fetch: server?.fetch) {
            try work(server?.server)
        }
    }

    private func work(_ server: DebugServer?) throws {
        let loaded = try LoadedSession(path: session)
        guard !loaded.file.isDirectory || output != nil else {
            Terminal.say("\(session) is a directory, and a packed session is a file: name one with -o")
            throw ExitStatus.usage
        }
        guard !loaded.file.isPacked || loaded.file.isCompressed == noCompress else {
            // Without -o nothing is left to do, and with it a copy is all that is missing, which cp makes.
            Terminal.say("\(session) is packed already" + (output == nil ? "" : ": copy it"))
            guard output == nil else { throw ExitStatus.usage }
            return
        }
        do throws(PackingError) {
            let packing = try SessionPacking.pack(
                loaded.session, at: output ?? session, output == nil ? .packedSession : .session,
                compresses: !noCompress, keepsAll: keepAll, debugServer: server)
            for line in packing.lines { Terminal.note(line) }
            if let server { Terminal.note(server.line) }
        } catch {
            Terminal.say(SessionPacking.message(of: error))
            throw SessionPacking.status(of: error)
        }
        loaded.sayDamage()
    }
}
