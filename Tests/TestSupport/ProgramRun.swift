import Glibc

/// A program run to its end, with what it wrote.
public struct ProgramRun: Sendable {
    public var status: Int32
    public var output: String
    public var error: String

    /// The program cannot be started at all.
    public struct Failure: Error {
        public var what: String
        public var code: Int32
    }

    public var lines: [Substring] { output.split(separator: "\n") }

    /// Runs `arguments` (looked up in PATH) with standard input from /dev/null. A status of 128+N is signal N.
    public init(_ arguments: String...) throws { try self.init(arguments) }

    public init(_ arguments: [String]) throws {
        let (output, error) = (try Self.namelessFile(), try Self.namelessFile())
        defer {
            close(output)
            close(error)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        // A thread of the test runner blocks most signals, and a shell that inherits this waits for SIGCHLD for ever.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        var words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, environ)
        guard code == 0 else { throw Failure(what: "start \(arguments[0])", code: code) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        self.status = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        self.output = Self.content(of: output)
        self.error = Self.content(of: error)
    }

    /// Close-on-exec, so that no program under test inherits it.
    private static func namelessFile() throws -> Int32 {
        let path = "/tmp/spawnscope-run-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let number = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw Failure(what: "create \(path)", code: errno) }
        unlink(path)
        return number
    }

    private static func content(of number: Int32) -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        lseek(number, 0, SEEK_SET)
        while case let count = read(number, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
