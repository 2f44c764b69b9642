/// Why a file cannot be read as an ELF image.
public enum ELFError: Error, Hashable, Sendable {
    /// open(2), fstat(2) or lseek(2) failed; the errno.
    case unreadable(Int32)
    /// A directory, FIFO, device or socket.
    case notRegularFile
    /// The file is not ELF, or its header is broken.
    case notELF
    /// A table exceeds the limit for its kind; its name, and its size in bytes or its number of entries.
    case tooLarge(section: String, size: UInt64)
}
