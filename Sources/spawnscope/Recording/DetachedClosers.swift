internal import Glibc
internal import LinuxSystem

/// A recorder leaves a process behind that closes its events, for up to a second. It must not run beside the next recording.
enum DetachedClosers {
    /// Processes of this program that lead a session of their own, as those do; for 5 seconds at most.
    static func waitUntilGone() {
        guard let program = SystemFile.link("/proc/self/exe") else { return }
        for _ in 0..<500 {
            guard isAnyLeft(of: program) else { return }
            usleep(10_000)
        }
    }

    private static func isAnyLeft(of program: String) -> Bool {
        DirectoryEntries.numbers(in: "/proc").contains { pid in
            pid != getpid() && getsid(pid) == pid && SystemFile.link("/proc/\(pid)/exe") == program
        }
    }
}
