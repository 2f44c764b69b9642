internal import Glibc

/// Handling of SIGINT, SIGQUIT, SIGTERM and SIGHUP after a recording, which leaves them blocked. They may end the
/// recorder while it only works on a session that is complete already.
enum Interruption {
    private static var signals: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, signal) }
        return signals
    }

    /// Unblocks the signals. Pending ones were meant for the recording and are discarded.
    static func allow() {
        var signals = signals
        var now = timespec()
        while unsafe sigtimedwait(&signals, nil, &now) > 0 {}
        unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
    }

    static func block() {
        var signals = signals
        unsafe sigprocmask(SIG_BLOCK, &signals, nil)
    }
}
