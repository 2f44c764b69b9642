/// Why one file gives no ELF image.
public enum ELFError: Error, Hashable, Sendable {
    /// open(2), fstat(2) or lseek(2) failed; the errno.
    case unreadable(Int32)
    /// A directory, FIFO, device or socket.
    case notRegularFile
    /// The bytes are no ELF file, or its header is broken.
    case notELF
    /// A table says that it is larger than any that is read here; its name and size in bytes.
    case tooLarge(section: String, size: UInt64)
}
