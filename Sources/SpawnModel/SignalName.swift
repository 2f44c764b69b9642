/// signal(7) names, as on x86 and ARM.
package enum SignalName {
    private static let names = [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
        "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ]

    /// `SIGKILL`; `signal 40` for a real-time signal or an invalid number.
    package static func of(_ signal: Int32) -> String {
        guard let place = Int(exactly: signal), place > 0, place < names.count else { return "signal \(signal)" }
        return names[place]
    }
}
