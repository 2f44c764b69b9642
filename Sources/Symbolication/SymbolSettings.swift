internal import Glibc

/// Where symbols are looked for apart from the mapped files themselves.
public struct SymbolSettings {
    /// A file as /proc/kallsyms.
    public var kallsyms = "/proc/kallsyms"
    /// The running kernel's ELF notes.
    public var kernelNotes = "/sys/kernel/notes"
    /// The root of distributions' separate debug files.
    public var debugDirectory = "/usr/lib/debug"
    /// perf's cache of recorded files, by build ID; `nil` for none.
    public var buildIDCache: String?
    /// Where JIT compilers leave their `perf-PID.map`.
    public var jitMapDirectory = "/tmp"

    /// The kernel release that the session was recorded on, `nil` when unknown. Another kernel's vDSO is not named by this one's.
    public var recordedRelease: String?

    /// Paths that led to other files than the recorded ones when the recording ended. perf does not know of them, and its style
    /// does not ask.
    public var otherFiles: Set<String> = []

    /// What a packed session carries; then nothing is looked for anywhere else. `nil` for others.
    public var packed: PackedSymbols?
    /// Where debug files are asked for that this machine has not; `nil` where nobody wishes that. Not for perf's style.
    public var debugServer: DebugServer?
    /// The build IDs of files that share their path with others, by path.
    public var identifiedFiles: [String: [FileNumbers: [UInt8]]] = [:]
    /// Where this process has recorded files open that their paths do not lead to, by path as recorded.
    public var foundFiles: [String: [FoundFile]] = [:]

    /// What the recorder found out of processes of the session while they lived, by process.
    public var processes: [Int32: RecordedProcess] = [:]
    /// The user that the command ran as where it was not the recorder's own: JIT compilers' files are that user's.
    public var commandUser: UInt32?
    /// Whether processes that live are asked where their files are.
    public var asksLivingProcesses = true
    /// When the session began, by its own clock and in nanoseconds since 1970, and when it ended; `nil` where it does not say.
    public var start: UInt64?
    public var startWall: UInt64?
    public var endWall: UInt64?
    /// The session's clock is CLOCK_MONOTONIC.
    public var hasMonotonicTimes = false

    /// A moment of the session's clock in nanoseconds since 1970.
    func wallTime(_ time: UInt64) -> UInt64? {
        guard let start, let startWall else { return nil }
        return startWall &+ (time &- start)
    }

    /// The session's kernel is not the one that runs here.
    var isOfAnotherKernel: Bool {
        guard let recordedRelease else { return false }
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return true }
        let running = unsafe withUnsafeBytes(of: &name.release) { unsafe Array($0.prefix { $0 != 0 }) }
        return Array(recordedRelease.utf8) != running
    }

    /// What is usual on this machine.
    public init() {
        buildIDCache = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.debug" }
    }
}

/// A process whose number, or whose files, are others where it runs than where it was recorded.
public struct RecordedProcess: Hashable, Sendable {
    /// What it calls itself, in its innermost pid namespace.
    public var innermostNumber: Int32?
    /// A path that leads to its root directory.
    public var root: String?
    /// Its effective user.
    public var user: UInt32?

    public init(innermostNumber: Int32? = nil, root: String? = nil, user: UInt32? = nil) {
        self.innermostNumber = innermostNumber
        self.root = root
        self.user = user
    }
}

/// A recorded file that its path does not lead to here.
public struct FoundFile: Hashable, Sendable {
    /// Leads to it.
    public var openPath: String
    /// `nil` where it has none.
    public var buildID: [UInt8]?
    /// No other file was recorded under its path.
    public var isOnlyOfPath: Bool

    public init(openPath: String, buildID: [UInt8]?, isOnlyOfPath: Bool) {
        self.openPath = openPath
        self.buildID = buildID
        self.isOnlyOfPath = isOnlyOfPath
    }
}

/// What MMAP2 records tell a file by: the device of the file system that holds it, and its inode.
public struct FileNumbers: Hashable, Sendable {
    public var major: UInt32
    public var minor: UInt32
    public var inode: UInt64

    public init(major: UInt32, minor: UInt32, inode: UInt64) {
        self.major = major
        self.minor = minor
        self.inode = inode
    }
}
