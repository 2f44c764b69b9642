internal import LinuxSystem

/// Text files of the kernel, or of perf's cache.
enum TextFile {
    /// The first `limit` bytes of a regular file or a file of /proc; `nil` if it is neither, or cannot be read. Never
    /// blocks.
    static func bytes(_ path: String, limit: Int) -> [UInt8]? { FileAccess.bytes(.text(path: path), limit: limit) }
}
