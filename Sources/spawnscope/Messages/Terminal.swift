internal import ArgumentParser
internal import Folding
internal import Glibc
internal import Presentation
internal import Profiles
internal import Synchronization

/// Standard output carries only the result; messages about it go to standard error.
enum Terminal {
    /// Writes a result to standard output. If that fails, says why and throws exit status 74. If the reader has closed
    /// the pipe, throws the status of a process ended by SIGPIPE, without a message, even if that signal is ignored.
    static func write(_ text: FoldedText) throws {
        var failure: ExitCode?
        text.write {
            failure = write($0) ?? failure
            return failure == nil
        }
        if let failure { throw failure }
    }

    /// Writes each text as one line, with line breaks and control characters in it escaped (`ForeignText`).
    static func write(lines: [String]) throws {
        if let failure = write(Array(ForeignText.lines(lines).utf8)) { throw failure }
    }

    /// The width in columns of the terminal on standard output, otherwise the value of COLUMNS, otherwise 80.
    static var width: Int {
        columns(of: STDOUT_FILENO) ?? environment("COLUMNS").flatMap { Int($0) }.map { min(max($0, 1), 1000) } ?? 80
    }

    /// `nil` if the descriptor is no terminal, or its width is unknown.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Whether standard output is a terminal with colours and NO_COLOR is unset (https://no-color.org).
    static var hasColour: Bool {
        isatty(STDOUT_FILENO) == 1 && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Writes bytes to standard output unchanged. Returns the exit status if that fails, otherwise `nil`.
    static func write(_ bytes: [UInt8]) -> ExitCode? {
        ProgressLine.erase()
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                guard errno != EPIPE else { return ExitCode(128 + SIGPIPE) }
                say("standard output: \(errorText(errno)); the result is not all there")
                return ExitStatus.ioError
            }
            written += count
        }
        return nil
    }

    /// Whether `--quiet` was given; set once, before any message.
    private static let quiet = Atomic(false)
    static var isQuiet: Bool {
        get { quiet.load(ordering: .relaxed) }
        set { quiet.store(newValue, ordering: .relaxed) }
    }

    /// Writes a remark on a result to standard error, unless `--quiet` was given.
    static func note(_ message: @autoclosure () -> String) {
        if !isQuiet { say(message()) }
    }

    /// Writes an error to standard error: one line, with the program's name before it.
    static func say(_ message: String) {
        StandardError.print("spawnscope: \(message)")
    }

    static func errorText(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
