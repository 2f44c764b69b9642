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

    /// What is usual on this machine.
    public init() {
        buildIDCache = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.debug" }
    }
}
