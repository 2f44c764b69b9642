internal import Glibc
internal import Presentation
internal import Synchronization

/// One line of a terminal that is written over and over, and erased before anything else is written; nothing where standard error is
/// no terminal.
struct ProgressLine {
    private let isShown: Bool
    /// Something stands on the terminal's line. There is one terminal, and so one such line.
    private static let isDirty = Atomic(false)

    init(isShown: Bool = true) {
        self.isShown = isShown && isatty(STDERR_FILENO) == 1 && !Terminal.isQuiet
    }

    func show(_ text: @autoclosure () -> String) {
        guard isShown else { return }
        // A line that wraps could not be erased. Erases to the end of the line (ECMA-48, EL).
        let columns = max(Terminal.columns(of: STDERR_FILENO) ?? 80, 2)
        StandardError.write(Array("\r\(ForeignText.shown(text()).prefix(columns - 1))\u{1b}[K".utf8))
        Self.isDirty.store(true, ordering: .relaxed)
    }

    /// Takes the line away, for whatever comes next.
    static func erase() {
        guard isDirty.exchange(false, ordering: .relaxed) else { return }
        StandardError.write(Array("\r\u{1b}[K".utf8))
    }

    /// "37 s", "4 min".
    static func text(seconds: Int) -> String {
        seconds < 120 ? "\(max(seconds, 1)) s" : "\(seconds / 60) min"
    }

    /// Milliseconds that only grow.
    static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
