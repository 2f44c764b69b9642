internal import Glibc

/// Where symbols are looked for apart from the mapped files themselves.
public struct SymbolSettings: Sendable {
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
