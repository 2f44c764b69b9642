internal import Glibc

/// Small text files that another process may have written.
enum TextFile {
    /// The bytes of a regular file or a file of /proc, at most `limit` of them; `nil` for anything that is not a regular
    /// file or cannot be read. Never waits.
    static func bytes(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes: [UInt8] = []
        // Files of /proc say that they are empty.
        bytes.reserveCapacity(min(limit, max(Int(exactly: status.st_size) ?? 0, 1 << 16)))
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while bytes.count < limit {
            let count = unsafe read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
