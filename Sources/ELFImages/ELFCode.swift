/// The code of an executable segment, read piece by piece on demand: a program of 100 MB costs no more than a small
/// one.
///
/// The file is reopened for each piece, since a session may have more programs than a process may have descriptors. It
/// is read, not mapped, so that truncation by another process gives fewer bytes, not SIGBUS. If the path now leads to a
/// different file, or the file was modified, no bytes are read.
public struct ELFCode: Sendable {
    /// Linked virtual address of the first byte.
    public let address: UInt64
    /// In bytes, from the program header; at most the size of the file when it was opened.
    public let size: UInt64
    private let source: Source

    enum Source: Sendable {
        case file(path: String, identity: FileIdentity, offset: UInt64)
        case memory([UInt8])
    }

    init(address: UInt64, size: UInt64, source: Source) {
        self.address = address
        self.size = size
        self.source = source
    }

    /// The longest piece, in bytes.
    package static let longestPiece = 1 << 16

    /// Up to `count` bytes from an offset in the segment; at most 64 KiB, and fewer at the end.
    public func bytes(at offset: UInt64, count: Int) -> [UInt8] {
        guard offset < size, count > 0 else { return [] }
        let count = Int(min(UInt64(count), UInt64(Self.longestPiece), size - offset))
        switch source {
        case .memory(let bytes):
            let start = Int(truncatingIfNeeded: min(offset, UInt64(bytes.count)))
            return Array(bytes[start...].prefix(count))
        case .file(let path, let identity, let start):
            let (place, overflow) = start.addingReportingOverflow(offset)
            guard !overflow, let descriptor = try? OpenImage(readingRegularFile: path),
                descriptor.identity == identity
            else { return [] }
            return descriptor.bytes(at: place, count: count)
        }
    }
}
