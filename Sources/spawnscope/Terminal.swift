internal import Glibc

/// Standard output carries the result and nothing else; standard error carries what is said about it.
enum Terminal {
    /// Writes all of `bytes` to standard output; false when nobody reads it any more or it cannot be written.
    static func writeResult(_ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if errno != EPIPE { say("standard output: \(errorText(errno))") }
                return false
            }
            written += count
        }
        return true
    }

    /// One line on standard error, with the program's name before it.
    static func say(_ message: String) {
        StandardError.print("spawnscope: \(message)")
    }

    static func errorText(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
