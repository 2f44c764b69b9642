internal import ArgumentParser
internal import LinuxSystem
internal import Symbolication

/// `--debuginfod`, an option of the subcommands that pack.
struct DebugServerOption: ParsableArguments {
    @Flag(help: "Ask the servers of DEBUGINFOD_URLS for debug files that this machine has not.")
    var debuginfod = false

    /// The server that a worker queries, and the fetch function of the process that does the requests.
    struct Server {
        let server: DebugServer
        let fetch: DebugFileFetch
    }

    /// `nil` if the option was not given. If the server cannot be used, says why and throws `status`.
    func server(failing status: ExitCode) throws -> Server? {
        guard debuginfod else { return nil }
        do throws(DebugServerError) {
            let client = try DebugServerClient()
            do throws(SystemError) {
                let process = try FetchingProcess { client.find($0, isProgram: $1) }
                return Server(
                    server: DebugServer(),
                    fetch: DebugFileFetch { buildID, isProgram in process.fetch(buildID, isProgram: isProgram) })
            } catch {
                Terminal.say("--debuginfod: no process to ask in: \(error.message)")
            }
        } catch .noServer {
            Terminal.say("--debuginfod: DEBUGINFOD_URLS names no server; set it as https://debuginfod.debian.net")
        } catch .noLibrary(let text) {
            Terminal.say("--debuginfod: \(text): install libdebuginfod1, or what your system calls it")
        }
        throw status
    }
}

extension DebugServer {
    /// One line with the numbers of files found and requested.
    var line: String { "debuginfod: \(found) of \(asked) files that were asked for came" }
}
