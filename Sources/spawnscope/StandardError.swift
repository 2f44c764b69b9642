import Glibc

/// Everything that is not a command's result: progress, warnings, summaries.
enum StandardError {
    /// Writes a line, what could harm a terminal escaped.
    static func print(_ line: String) {
        ProgressLine.erase()
        var text = printable(line)
        text += "\n"
        write(Array(text.utf8))
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

    /// Control characters other than newlines and tabs are escaped, since names come from the machine under test.
    static func printable(_ line: String) -> String {
        var text = ""
        for scalar in line.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            if isControl, scalar != "\n", scalar != "\t" {
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
