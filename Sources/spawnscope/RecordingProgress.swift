internal import Glibc

/// How far a row of recordings has come and how long the rest will take, on one line of a terminal; nothing elsewhere.
struct RecordingProgress {
    private let runs: Int
    private var done = 0
    private let start = Self.now
    private let isShown = isatty(STDERR_FILENO) == 1
    private var isDirty = false

    init(runs: Int) { self.runs = runs }

    mutating func advance() { done += 1 }

    mutating func show(_ what: String) {
        guard isShown else { return }
        let rest = done > 0 ? ", about \(Self.text((Self.now - start) / done * (runs - done) / 1000)) left" : ""
        // Erases to the end of the line (ECMA-48, EL).
        write("\r\(what), run \(min(done + 1, runs)) of \(runs)\(rest)\u{1b}[K")
        isDirty = true
    }

    mutating func end() {
        guard isDirty else { return }
        write("\r\u{1b}[K")
        isDirty = false
    }

    private static func text(_ seconds: Int) -> String {
        seconds < 120 ? "\(max(seconds, 1)) s" : "\(seconds / 60) min"
    }

    /// Milliseconds.
    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    private func write(_ text: String) {
        _ = unsafe Array(text.utf8).withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
