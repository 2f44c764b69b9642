internal import LinuxSystem

/// Small text files of the kernel's, or of perf's cache.
enum TextFile {
    /// The bytes of a regular file or a file of /proc, at most `limit` of them; `nil` for anything that is not a regular
    /// file or cannot be read. Never waits.
    static func bytes(_ path: String, limit: Int) -> [UInt8]? { FileAccess.bytes(.text(path: path), limit: limit) }
}
