internal import Glibc

/// A recorder leaves a process behind that closes its events, for up to a second. It must not run beside the next recording.
enum DetachedClosers {
    /// Processes of this program that lead a session of their own, as those do; for 5 seconds at most.
    static func waitUntilGone() {
        guard let program = SmallFile.link("/proc/self/exe") else { return }
        for _ in 0..<500 {
            guard isAnyLeft(of: program) else { return }
            usleep(10_000)
        }
    }

    private static func isAnyLeft(of program: String) -> Bool {
        guard let directory = unsafe opendir("/proc") else { return false }
        defer { unsafe closedir(directory) }
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let pid = pid_t(name), pid != getpid(), getsid(pid) == pid else { continue }
            if SmallFile.link("/proc/\(pid)/exe") == program { return true }
        }
        return false
    }
}
