internal import CCompression
internal import Glibc

/// The CRC-32 by which `.gnu_debuglink` tells a separate debug file (the same as zlib's).
public enum FileChecksum {
    /// `nil` for a file that cannot be read.
    public static func of(path: String) -> UInt32? {
        guard let descriptor = try? OwnedDescriptor(readingRegularFile: path) else { return nil }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var checksum = crc32(0, nil, 0)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return UInt32(truncatingIfNeeded: checksum) }
            checksum = unsafe crc32(checksum, chunk, UInt32(count))
        }
    }
}
