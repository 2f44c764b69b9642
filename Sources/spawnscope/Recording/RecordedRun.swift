internal import ArgumentParser
internal import Capture
internal import Glibc
internal import KernelPrograms
internal import LinuxSystem
internal import Presentation

/// One recording, made by a separate `record` process so that the command inherits a clean state and Ctrl-C reaches the
/// command.
struct RecordedRun {
    enum End {
        /// The session was written.
        case recorded
        /// A signal asked this process, or the command, to end.
        case interrupted(signal: Int32)
    }

    /// The session's file name in the directory.
    let session: String
    /// The side, `base` or `head`, and the ID that all sessions of the comparison share.
    let comparison: (side: String, id: String)
    /// The user for `record -u`.
    let user: String?
    private var log: String { session + ".log" }

    /// SIGCHLD and the signals that end a series of recordings: SIGINT, SIGTERM and SIGHUP, except those that this
    /// process inherited as ignored.
    private static func awaited() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGCHLD)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            guard unsafe sigaction(signal, nil, &action) == 0 else { continue }
            if unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != 1 {
                unsafe sigaddset(&signals, signal)
            }
        }
        return signals
    }

    /// Blocks the awaited signals in this thread and returns the mask before. Call once, before the first recording.
    static func blockSignals() -> sigset_t {
        var before = sigset_t()
        var signals = awaited()
        signal(SIGCHLD, SIG_DFL)
        unsafe sigprocmask(SIG_BLOCK, &signals, &before)
        return before
    }

    /// Records one run. The command's standard input and output are /dev/null; its standard error and the recorder's
    /// messages go to a log beside the session.
    func record(_ command: [String], in directory: borrowing RunDirectory, mask: sigset_t) throws -> End {
        // A signal may have arrived between two recordings.
        if let signal = Self.pendingSignal() { return .interrupted(signal: signal) }
        // A session that exists afterwards is then this run's.
        try directory.checkAbsent(session)
        let said = try directory.create(log)
        defer { close(said) }
        let pid = try start(command, directory.reliablePath(of: session), said, mask)
        let (status, signal) = Self.wait(for: pid)
        DetachedClosers.waitUntilGone()
        if let signal { return .interrupted(signal: signal) }
        // 128+SIGINT: Ctrl-C on the terminal ended the command, and is meant for the whole series.
        if status == 128 + SIGINT { return .interrupted(signal: SIGINT) }
        guard directory.has(session) else {
            let line = Self.reason(in: said) ?? "the recorder ended with \(status)"
            Terminal.say("\(line) (recording \(Secrets.hidden(in: command).joined(separator: " ")))")
            throw status == 126 || status == 127 ? ExitStatus.usage : ExitStatus.unavailable
        }
        return .recorded
    }

    private func start(_ command: [String], _ output: String, _ log: Int32, _ mask: sigset_t) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, log, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var mask = mask
        unsafe posix_spawnattr_setsigmask(&attributes, &mask)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words =
            ["spawnscope", "record"] + (user.map { ["-u", $0] } ?? [])
            + ["--comparison", "\(comparison.side):\(comparison.id)", "-o", output, "--"] + command
        let arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(
            &pid, "/proc/self/exe", &actions, &attributes, arguments, Privileges.callerEnvironment)
        guard code == 0 else {
            Terminal.say("the recorder cannot be started: \(Terminal.errorText(code))")
            throw ExitStatus.unavailable
        }
        return pid
    }

    /// The recorder's exit status, and the signal that this process received meanwhile.
    private static func wait(for pid: pid_t) -> (status: Int32, signal: Int32?) {
        var signals = awaited()
        var seen: Int32?
        while true {
            var status: Int32 = 0
            if unsafe waitpid(pid, &status, WNOHANG) == pid {
                return (status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), seen)
            }
            var information = unsafe siginfo_t()
            let signal = unsafe sigwaitinfo(&signals, &information)
            guard signal > 0, signal != SIGCHLD else { continue }
            let isFirst = seen == nil
            seen = signal
            // A signal from the terminal reaches the command as well. One sent only to this process (si_code <= 0) is
            // passed on to the command, so that the recording ends with it. A second one ends the recorder alone, and a
            // command that ignored the first keeps running.
            if unsafe information.si_code <= 0 {
                let children = isFirst ? children(of: pid) : []
                for child in children { kill(child, signal) }
                if children.isEmpty { kill(pid, SIGTERM) }
            }
        }
    }

    private static func pendingSignal() -> Int32? {
        var signals = awaited()
        unsafe sigdelset(&signals, SIGCHLD)
        var now = timespec()
        let signal = unsafe sigtimedwait(&signals, nil, &now)
        return signal > 0 ? signal : nil
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        guard let text = SystemFile.text("/proc/\(pid)/task/\(pid)/children") else { return [] }
        return text.split(separator: " ").compactMap { pid_t($0) }
    }

    /// The recorder's last own message in the first 64 KiB of its log, otherwise the last line there.
    private static func reason(in log: Int32) -> String? {
        let lines = SystemFile.text("/proc/self/fd/\(log)")?.split(separator: "\n") ?? []
        let line = lines.last { $0.hasPrefix("spawnscope: ") } ?? lines.last
        return line.map { String($0.hasPrefix("spawnscope: ") ? $0.dropFirst(12) : $0) }
    }
}
