internal import Glibc

/// Small files of the kernel's, in procfs, sysfs and tracefs: their size is unknown before they are read.
package enum SystemFile {
    /// All of it, or its first `limit` bytes.
    package static func bytes(_ path: String, limit: Int = 1 << 24) throws(SystemError) -> [UInt8] {
        let file = try OwnedDescriptor(reading: path)
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while content.count < limit {
            let count = try retryingInterrupts {
                unsafe piece.withUnsafeMutableBytes { unsafe read(file.number, $0.baseAddress, $0.count) }
            }
            if count == 0 { break }
            content += piece[..<count]
        }
        return content
    }

    /// As text, at most 64 KiB; `nil` where it cannot be read.
    package static func text(_ path: String) -> String? {
        (try? bytes(path, limit: 65536)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A number in a file of its own, as in /proc/sys.
    package static func number(_ path: String) -> Int? {
        guard let content = try? bytes(path, limit: 64) else { return nil }
        let text = content.prefix { $0 != UInt8(ascii: "\n") }
        return Int(String(decoding: text, as: UTF8.self))
    }

    /// Where a symbolic link leads.
    package static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(path, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
