/// The code of an executable segment, of which pieces are read as they are asked for: a program of 100 MB costs no more than
/// a small one.
///
/// The file is opened for each piece and not kept open, since a session has more programs than a process may have
/// descriptors. It is read and not mapped: one that is truncated meanwhile gives less, not SIGBUS. One that is no longer
/// the file that it was gives nothing.
public struct ELFCode: Sendable {
    /// Linked virtual address of the first byte.
    public let address: UInt64
    /// In bytes, as the program header has it, and no more than the file had when it was opened.
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

    /// No piece is longer than this, in bytes.
    package static let longestPiece = 1 << 16

    /// The bytes from an offset in the segment up: `count` of them, or as many as there are.
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
