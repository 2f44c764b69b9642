internal import ArgumentParser
internal import Symbolication

/// `--debuginfod`, of the subcommands that pack.
struct DebugServerOption: ParsableArguments {
    @Flag(help: "Ask the servers of DEBUGINFOD_URLS for debug files that this machine has not.")
    var debuginfod = false

    /// `nil` where it was not asked for; says why it cannot be, and throws `status`.
    func server(failing status: ExitCode) throws -> DebugServer? {
        guard debuginfod else { return nil }
        do throws(DebugServer.Problem) {
            return try DebugServer()
        } catch .noServer {
            Terminal.say("--debuginfod: DEBUGINFOD_URLS names no server; set it as https://debuginfod.debian.net")
        } catch .noLibrary(let text) {
            Terminal.say("--debuginfod: \(text): install libdebuginfod1, or what your system calls it")
        }
        throw status
    }
}

extension DebugServer {
    /// What came of asking.
    var line: String { "debuginfod: \(found) of \(asked) files that were asked for came" }
}
