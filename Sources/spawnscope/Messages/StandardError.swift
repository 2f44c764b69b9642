import Glibc
import Presentation

/// Everything that is not a command's result: progress, warnings, summaries.
enum StandardError {
    /// Writes a line: no name in it makes two of it (`ForeignText`).
    static func print(_ line: String) {
        ProgressLine.erase()
        write(Array(ForeignText.lines([line]).utf8))
    }

    /// Writes what is fit for a terminal already.
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
