internal import ArgumentParser
internal import Folding
internal import Glibc
internal import Presentation
internal import Profiles
internal import Synchronization

/// Standard output carries the result and nothing else; standard error carries what is said about it.
enum Terminal {
    /// Writes a result to standard output. Where that cannot be, it says why and throws the exit status: 74; where nobody
    /// reads any more, it is silent and throws that of a process that SIGPIPE ended, even if that signal is ignored.
    static func write(_ text: FoldedText) throws {
        var failure: ExitCode?
        text.write {
            failure = write($0) ?? failure
            return failure == nil
        }
        if let failure { throw failure }
    }

    /// Writes lines of text, of which no name makes two (`ForeignText`).
    static func write(lines: [String]) throws {
        if let failure = write(Array(ForeignText.lines(lines).utf8)) { throw failure }
    }

    /// Columns of the terminal that standard output is, or else what COLUMNS says; 80 where neither tells.
    static var width: Int {
        columns(of: STDOUT_FILENO) ?? environment("COLUMNS").flatMap { Int($0) }.map { min(max($0, 1), 1000) } ?? 80
    }

    /// `nil` of what is no terminal, or one that does not tell.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Standard output is a terminal with colours, and nobody asked for none (https://no-color.org).
    static var hasColour: Bool {
        isatty(STDOUT_FILENO) == 1 && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Writes bytes to standard output as they are; the exit status where they cannot be written, else `nil`.
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

    /// `--quiet` was given; set once, before anything is said.
    private static let quiet = Atomic(false)
    static var isQuiet: Bool {
        get { quiet.load(ordering: .relaxed) }
        set { quiet.store(newValue, ordering: .relaxed) }
    }

    /// What one should know of a result that is there, as a line on standard error; `--quiet` leaves it out.
    static func note(_ message: @autoclosure () -> String) {
        if !isQuiet { say(message()) }
    }

    /// What went wrong: one line on standard error, with the program's name before it.
    static func say(_ message: String) {
        StandardError.print("spawnscope: \(message)")
    }

    static func errorText(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
