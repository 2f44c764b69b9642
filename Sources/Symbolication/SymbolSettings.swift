internal import Glibc

/// Where to look for symbols besides the mapped files themselves.
package struct SymbolSettings {
    /// A file in the format of /proc/kallsyms.
    package var kallsyms = "/proc/kallsyms"
    /// The running kernel's ELF notes.
    package var kernelNotes = "/sys/kernel/notes"
    /// The root of distributions' separate debug files.
    package var debugDirectory = "/usr/lib/debug"
    /// perf's cache of recorded files, by build ID; `nil` for none.
    package var buildIDCache: String?
    /// Where JIT compilers leave their `perf-PID.map`.
    package var jitMapDirectory = "/tmp"

    /// The machine that the session was recorded on, if not this one as it runs now. Then nothing here names what is
    /// known only by its path or address.
    package var otherMachine: OtherMachine?

    /// Paths that led to other files than the recorded ones when the recording ended. Perf's style ignores them, since
    /// perf does not know of them.
    package var otherFiles: Set<String> = []

    /// The names in a packed session, which are then the only ones used; `nil` for other sessions.
    package var packed: PackedSymbols?
    /// Where to get debug files that this machine lacks; `nil` unless requested. Not used in perf's style.
    package var debugServer: DebugServer?
    /// The build IDs of files that share their path with others, by path.
    package var identifiedFiles: [String: [FileNumbers: [UInt8]]] = [:]
    /// Recorded files that this process holds open and that their recorded paths do not lead to.
    package var found = FoundFiles()

    /// The user that the command ran as, if not the recorder's own; it owns the files of JIT compilers.
    package var commandUser: UInt32?
    /// Whether to look up processes that still run in procfs (`LivingProcess`).
    package var asksLivingProcesses = true
    /// When the session began, by its own clock and in nanoseconds since 1970, and when it ended, in nanoseconds since
    /// 1970; `nil` if the session does not say.
    package var start: UInt64?
    package var startWall: UInt64?
    package var endWall: UInt64?
    /// Whether the session's clock is CLOCK_MONOTONIC.
    package var hasMonotonicTimes = false

    /// Converts a time of the session's clock to nanoseconds since 1970; `nil` if the session's start is not known.
    func wallTime(_ time: UInt64) -> UInt64? {
        guard let start, let startWall else { return nil }
        return startWall &+ (time &- start)
    }

    /// The names that the recorder put into the recording. Not used in perf's style.
    var recordedFiles: SimpleperfFiles?
    /// The recorded machine's kallsyms, if the recording has it.
    var recordedKernelSymbols: [UInt8]?
    /// Whether callchains hold the addresses of calls instead of return addresses: simpleperf moves them while
    /// recording.
    package var chainsHoldCalls = false

    /// Takes the names that simpleperf puts into its recordings: its section of files in the first or second format, of
    /// which it writes one, and the text of the recorded machine's kallsyms.
    package mutating func takeRecordedNames(files: [UInt8]?, files2: [UInt8]?, kernelSymbols: [UInt8]?) {
        var recorded = SimpleperfFiles()
        if let files {
            recorded.read(files, isProtobuf: false)
        } else if let files2 {
            recorded.read(files2, isProtobuf: true)
        }
        recordedFiles = recorded
        recordedKernelSymbols = kernelSymbols
    }

    /// The defaults on this machine.
    package init() {
        buildIDCache = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.debug" }
    }
}

/// A process whose pid in its own namespace, or whose root directory, differs from the recorder's.
package struct RecordedProcess: Hashable, Sendable {
    /// Its pid in its innermost pid namespace; `nil` if that is not known to differ.
    package var innermostNumber: Int32?
    /// Index of its root directory in `FoundFiles.roots`; `nil` for the recorder's own.
    package var root: Int?

    package init(innermostNumber: Int32? = nil, root: Int? = nil) {
        self.innermostNumber = innermostNumber
        self.root = root
    }
}

/// Recorded files and root directories that this process holds open and that their paths do not lead to.
package struct FoundFiles: Hashable, Sendable {
    /// The files by recorded path.
    package var files: [String: [FoundFile]] = [:]
    /// Root directories, in the recorder's order.
    package var roots: [Root] = []

    package struct Root: Hashable, Sendable {
        /// A path to the directory in this process.
        package var path: String
        /// Whether its /tmp is not this machine's, so that only its own processes have files there.
        package var hasOwnTemporaries: Bool

        package init(path: String, hasOwnTemporaries: Bool) {
            (self.path, self.hasOwnTemporaries) = (path, hasOwnTemporaries)
        }
    }

    package init() {}
}

/// A recorded file that its path does not lead to here.
package struct FoundFile: Hashable, Sendable {
    /// A path to the file in this process.
    package var openPath: String
    /// `nil` if it has none.
    package var buildID: [UInt8]?
    /// Whether no other file was recorded under its path.
    package var isOnlyOfPath: Bool

    package init(openPath: String, buildID: [UInt8]?, isOnlyOfPath: Bool) {
        self.openPath = openPath
        self.buildID = buildID
        self.isOnlyOfPath = isOnlyOfPath
    }
}

/// Identifies a file as MMAP2 records do: by the device of its file system and by its inode.
package struct FileNumbers: Hashable, Sendable {
    package var major: UInt32
    package var minor: UInt32
    package var inode: UInt64

    package init(major: UInt32, minor: UInt32, inode: UInt64) {
        self.major = major
        self.minor = minor
        self.inode = inode
    }
}
