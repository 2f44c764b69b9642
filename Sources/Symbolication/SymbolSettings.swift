internal import Glibc

/// Where symbols are looked for apart from the mapped files themselves.
package struct SymbolSettings {
    /// A file as /proc/kallsyms.
    package var kallsyms = "/proc/kallsyms"
    /// The running kernel's ELF notes.
    package var kernelNotes = "/sys/kernel/notes"
    /// The root of distributions' separate debug files.
    package var debugDirectory = "/usr/lib/debug"
    /// perf's cache of recorded files, by build ID; `nil` for none.
    package var buildIDCache: String?
    /// Where JIT compilers leave their `perf-PID.map`.
    package var jitMapDirectory = "/tmp"

    /// The machine that the session was recorded on, where it is not this one as it runs now: nothing here names what is known by its
    /// path or address alone.
    package var otherMachine: OtherMachine?

    /// Paths that led to other files than the recorded ones when the recording ended. perf does not know of them, and its style
    /// does not ask.
    package var otherFiles: Set<String> = []

    /// What a packed session carries; then nothing is looked for anywhere else. `nil` for others.
    package var packed: PackedSymbols?
    /// Where debug files are asked for that this machine has not; `nil` where nobody wishes that. Not for perf's style.
    package var debugServer: DebugServer?
    /// The build IDs of files that share their path with others, by path.
    package var identifiedFiles: [String: [FileNumbers: [UInt8]]] = [:]
    /// What this process has open that recorded paths do not lead to.
    package var found = FoundFiles()

    /// The user that the command ran as where it was not the recorder's own: JIT compilers' files are that user's.
    package var commandUser: UInt32?
    /// Whether processes that live are asked where their files are.
    package var asksLivingProcesses = true
    /// When the session began, by its own clock and in nanoseconds since 1970, and when it ended; `nil` where it does not say.
    package var start: UInt64?
    package var startWall: UInt64?
    package var endWall: UInt64?
    /// The session's clock is CLOCK_MONOTONIC.
    package var hasMonotonicTimes = false

    /// A moment of the session's clock in nanoseconds since 1970.
    func wallTime(_ time: UInt64) -> UInt64? {
        guard let start, let startWall else { return nil }
        return startWall &+ (time &- start)
    }

    /// What the recorder itself put into the recording; not for perf's style.
    var recordedFiles: SimpleperfFiles?
    /// The recorded machine's kallsyms, where the recording has it.
    var recordedKernelSymbols: [UInt8]?
    /// Addresses of callers lie in their calls already, not behind them: simpleperf moves them as it records.
    package var chainsHoldCalls = false

    /// Takes in the names that simpleperf puts into its recordings: its sections of files in the first and in the second form, of which it
    /// writes one, and the text of its machine's kallsyms.
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

    /// What is usual on this machine.
    package init() {
        buildIDCache = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.debug" }
    }
}

/// A process whose number, or whose files, are others where it runs than where it was recorded.
package struct RecordedProcess: Hashable, Sendable {
    /// What it calls itself, in its innermost pid namespace.
    package var innermostNumber: Int32?
    /// Which of the roots that were found is its root directory; `nil` for the recorder's own.
    package var root: Int?

    package init(innermostNumber: Int32? = nil, root: Int? = nil) {
        self.innermostNumber = innermostNumber
        self.root = root
    }
}

/// Recorded files and root directories that are open in this process, and that their paths do not lead to.
package struct FoundFiles: Hashable, Sendable {
    /// By path as recorded.
    package var files: [String: [FoundFile]] = [:]
    /// Root directories, in the recorder's order.
    package var roots: [Root] = []

    package struct Root: Hashable, Sendable {
        /// Leads to it.
        package var path: String
        /// Nobody but its own processes has files in its /tmp.
        package var hasOwnTemporaries: Bool

        package init(path: String, hasOwnTemporaries: Bool) {
            (self.path, self.hasOwnTemporaries) = (path, hasOwnTemporaries)
        }
    }

    package init() {}
}

/// A recorded file that its path does not lead to here.
package struct FoundFile: Hashable, Sendable {
    /// Leads to it.
    package var openPath: String
    /// `nil` where it has none.
    package var buildID: [UInt8]?
    /// No other file was recorded under its path.
    package var isOnlyOfPath: Bool

    package init(openPath: String, buildID: [UInt8]?, isOnlyOfPath: Bool) {
        self.openPath = openPath
        self.buildID = buildID
        self.isOnlyOfPath = isOnlyOfPath
    }
}

/// What MMAP2 records tell a file by: the device of the file system that holds it, and its inode.
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
