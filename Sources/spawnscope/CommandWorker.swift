internal import ArgumentParser
internal import Glibc
internal import LinuxSystem

/// Runs what a subcommand does with what others wrote in a worker, and ends as that does.
enum CommandWorker {
    /// - Parameters:
    ///   - sessions: what the user named to be read.
    ///   - results: what the user named to be written.
    static func run(
        sessions: [String], results: [String] = [], keeping: [Int32] = [], fetch: DebugFileFetch? = nil,
        _ body: () throws -> Void
    ) throws {
        let policy = policy(sessions: sessions, results: results)
        let result: Worker.Result
        do throws(SystemErrorCode) {
            result = try Worker.run(policy, keeping: keeping, fetch: fetch) { status(of: body) }
        } catch {
            Terminal.say("no process to read \(sessions.first ?? "it") in: \(error.message)")
            throw ExitStatus.osError
        }
        switch result.end {
        case .exited(0): return
        case .exited(Worker.unconfined):
            Terminal.say(
                "a process that reads what others wrote could not give up its rights here; run it as another user")
            throw ExitStatus.osError
        case .exited(let code): throw ExitCode(code)
        case .killed(let signal):
            if let line = line(of: signal, sessions.first ?? "it") { Terminal.say(line) }
            throw isOfUser(signal) ? ExitCode(128 + signal) : ExitStatus.software
        }
    }

    static func policy(sessions: [String], results: [String]) -> FilePolicy {
        var policy = FilePolicy(sessions: sessions, results: results)
        policy.buildIDCache = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.debug" }
        return policy
    }

    /// How a body that ran in the worker ends; what its error says is said.
    static func status(of body: () throws -> Void) -> Int32 {
        do {
            try body()
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let message = Spawnscope.fullMessage(for: error)
            if !message.isEmpty { StandardError.print(message) }
            return Spawnscope.exitCode(for: error).rawValue
        }
    }

    /// Signals by which somebody ended it on purpose, the reader of its output for one.
    static func isOfUser(_ signal: Int32) -> Bool { [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(signal) }

    /// What to say of a worker that a signal ended; `nil` where there is nothing to say.
    static func line(of signal: Int32, _ name: String) -> String? {
        if isOfUser(signal) { return nil }
        if signal == SIGXCPU {
            return "\(name): took more CPU time than its size on the disk allows (10 s, and 1 s more for each MiB)"
        }
        return "\(name): the process that read it was ended by signal \(signal); nothing else is harmed."
            + " A file that asks for more than 256 MiB and 4 times its size of memory ends like this"
    }
}
