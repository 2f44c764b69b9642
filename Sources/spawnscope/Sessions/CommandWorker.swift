internal import ArgumentParser
internal import Glibc
internal import LinuxSystem

/// Runs the part of a subcommand that handles untrusted data in a worker, and ends with the worker's status.
enum CommandWorker {
    /// - Parameters:
    ///   - sessions: the files that the user named for reading.
    ///   - results: the files that the user named for writing.
    static func run(
        sessions: [String], results: [String] = [], keeping: [Int32] = [], fetch: DebugFileFetch? = nil,
        _ body: () throws -> Void
    ) throws {
        let policy = policy(sessions: sessions, results: results)
        let result: Worker.Result
        do throws(SystemError) {
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
        case .killed(let signal) where isOfUser(signal): throw ExitCode(128 + signal)
        case .killed, .exceeded:
            Terminal.say(
                "\(sessions.first ?? "it"): the process that read it \(reason(result.end)); nothing else is harmed")
            throw ExitStatus.software
        }
    }

    static func policy(sessions: [String], results: [String]) -> FilePolicy {
        var policy = FilePolicy(sessions: sessions, results: results)
        policy.buildIDCache = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.debug" }
        return policy
    }

    /// The exit status of a body that ran in the worker. Writes the message of its error.
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

    /// Whether somebody ended the worker on purpose, such as the reader of its output (SIGPIPE).
    static func isOfUser(_ signal: Int32) -> Bool { [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(signal) }

    /// Why a worker ended, in words.
    static func reason(_ end: Worker.End) -> String {
        switch end {
        case .exceeded(.time): "used more CPU time than its files' size on the disk allows (10 s, and 1 s for each MiB)"
        case .exceeded(.memory): "used more memory than its files' size on the disk allows (256 MiB, and 4 times that)"
        case .exceeded(.stop): "was stopped by another process, and ended for that"
        // If the kernel refuses memory, the process ends itself.
        case .killed(let signal): "was ended by signal \(signal)"
        case .exited(let status): "ended with \(status)"
        }
    }
}
