internal import Glibc

/// Ctrl-C and its like after a recording, which leaves them blocked: they end the recorder where it only works on what is
/// complete already.
enum Interruption {
    private static var signals: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, signal) }
        return signals
    }

    /// What came until now was meant for the recording.
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
