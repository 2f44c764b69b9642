internal import Glibc

/// Reads small kernel files in procfs, sysfs and tracefs, whose size is unknown before they are read.
package enum SystemFile {
    /// The whole file or at least its first `limit` bytes: stops after the read that reaches `limit`.
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

    /// The file as text, of about 64 KiB at most; `nil` if it cannot be read.
    package static func text(_ path: String) -> String? {
        (try? bytes(path, limit: 65536)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The number that a file holds, such as those in /proc/sys; `nil` if there is none.
    package static func number(_ path: String) -> Int? {
        guard let content = try? bytes(path, limit: 64) else { return nil }
        let text = content.prefix { $0 != UInt8(ascii: "\n") }
        return Int(String(decoding: text, as: UTF8.self))
    }

    /// The target of a symbolic link; `nil` if it cannot be read.
    package static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(path, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
