internal import CCompression
internal import Glibc

/// The CRC-32 by which `.gnu_debuglink` identifies a separate debug file (the same polynomial as zlib's).
public enum FileChecksum {
    /// The most bytes that are read: `most`, plus `factor` times the file's bytes on disk. 1 GiB takes about a second.
    private static let most = 1 << 30
    private static let factor = 256

    /// The checksum of a file; `nil` if it cannot be read, or has more data than its blocks on disk plausibly hold.
    /// Holes are computed, not read.
    public static func of(path: String) -> UInt32? {
        guard let descriptor = try? OpenImage(readingRegularFile: path),
            let size = Int(exactly: descriptor.size), size < Int.max / 2
        else { return nil }
        // Bounded: a file system may tell any number of blocks.
        let onDisk = min(Int(clamping: FileExtent.bytesOnDisk(descriptor.number)), (Int.max - Self.most) / Self.factor)
        var left = Self.most + onDisk * Self.factor
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var checksum = crc32(0, nil, 0)
        var offset = 0
        while offset < size {
            let data = FileExtent.data(descriptor.number, from: offset, size: size) ?? size..<size
            checksum = append(zeros: data.lowerBound - offset, to: checksum)
            offset = data.lowerBound
            while offset < data.upperBound {
                let wanted = min(chunk.count, data.upperBound - offset)
                let count = unsafe chunk.withUnsafeMutableBytes {
                    unsafe descriptor.read(from: offset, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
                }
                left -= count
                guard count == wanted, left > 0 else { return nil }
                checksum = unsafe crc32(checksum, chunk, UInt32(count))
                offset += count
            }
        }
        return UInt32(truncatingIfNeeded: checksum)
    }

    /// Extends a checksum by `count` zero bytes, by repeated squaring: one step for each bit of `count`.
    private static func append(zeros count: Int, to checksum: UInt) -> UInt {
        var checksum = checksum
        var (rest, size) = (count, 1)
        // The checksum of `size` zero bytes.
        var piece = unsafe crc32(crc32(0, nil, 0), [0], 1)
        while rest > 0 {
            if rest & 1 != 0 { checksum = crc32_combine(checksum, piece, size) }
            rest >>= 1
            guard rest > 0 else { break }
            piece = crc32_combine(piece, piece, size)
            size <<= 1
        }
        return checksum
    }
}
