internal import Glibc
internal import Presentation
internal import Synchronization

/// One line of a terminal that is rewritten in place, and erased before anything else is written. Shows nothing if
/// standard error is not a terminal.
struct ProgressLine {
    private let isShown: Bool
    /// Whether the terminal's line has text. Shared, since there is one terminal.
    private static let isDirty = Atomic(false)

    init(isShown: Bool = true) {
        self.isShown = isShown && isatty(STDERR_FILENO) == 1 && !Terminal.isQuiet
    }

    func show(_ text: @autoclosure () -> String) {
        guard isShown else { return }
        // A wrapped line could not be erased. The escape erases to the end of the line (ECMA-48, EL).
        let columns = max(Terminal.columns(of: STDERR_FILENO) ?? 80, 2)
        StandardError.write(Array("\r\(ForeignText.shown(text()).prefix(columns - 1))\u{1b}[K".utf8))
        Self.isDirty.store(true, ordering: .relaxed)
    }

    /// Erases the line before other output.
    static func erase() {
        guard isDirty.exchange(false, ordering: .relaxed) else { return }
        StandardError.write(Array("\r\u{1b}[K".utf8))
    }

    /// A rough time: "37 s", "4 min".
    static func text(seconds: Int) -> String {
        seconds < 120 ? "\(max(seconds, 1)) s" : "\(seconds / 60) min"
    }

    /// Milliseconds of the monotonic clock.
    static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
