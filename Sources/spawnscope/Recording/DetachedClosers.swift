internal import Capture
internal import Glibc
internal import LinuxSystem

/// Waits for the process that a recorder leaves behind to close its events, or its helper, which takes up to a second. It must not
/// run during the next recording.
enum DetachedClosers {
    /// Waits up to 5 seconds until no other process of this program leads a session (setsid(2)), as these do, and no helper is left.
    static func waitUntilGone() {
        guard let program = SystemFile.link("/proc/self/exe") else { return }
        for _ in 0..<500 {
            guard isAnyLeft(of: program) else { return }
            usleep(10_000)
        }
    }

    /// The name of a process has 15 bytes.
    private static let helperComm = String(HelperProgram.name.prefix(15)) + "\n"

    private static func isAnyLeft(of program: String) -> Bool {
        DirectoryEntries.numbers(in: "/proc").contains { pid in
            guard pid != getpid() else { return false }
            if getsid(pid) == pid, SystemFile.link("/proc/\(pid)/exe") == program { return true }
            // Root needs no helper. Another recording's of the same user looks the same; the time is limited.
            guard geteuid() != 0, let status = SystemFile.text("/proc/\(pid)/status"),
                status.contains("\nUid:\t\(getuid())\t")
            else { return false }
            return SystemFile.text("/proc/\(pid)/comm").map { $0 == Self.helperComm } ?? false
        }
    }
}
