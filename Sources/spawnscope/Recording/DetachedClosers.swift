internal import Glibc
internal import LinuxSystem

/// Waits for the process that a recorder leaves behind to close its events, which takes up to a second. It must not run
/// during the next recording.
enum DetachedClosers {
    /// Waits up to 5 seconds until no other process of this program leads a session (setsid(2)), as these do.
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
