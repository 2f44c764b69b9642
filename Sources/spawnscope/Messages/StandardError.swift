import Glibc
import Presentation

/// Output that is not a command's result: progress, warnings, summaries.
enum StandardError {
    /// Writes one line. Line breaks and control characters in it are escaped (`ForeignText`).
    static func print(_ line: String) {
        ProgressLine.erase()
        write(Array(ForeignText.lines([line]).utf8))
    }

    /// Writes bytes that need no escaping.
    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
