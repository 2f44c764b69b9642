internal import CLibELF
internal import Glibc

/// Owns one libelf handle and the bytes that it reads from.
///
/// Files are read with `ELF_C_READ`, not mapped: a file that another process truncates meanwhile gives short data, not
/// SIGBUS.
@safe struct ELFHandle: ~Copyable {
    /// Valid as long as this handle.
    let elf: OpaquePointer
    private let descriptor: OwnedDescriptor?
    private let memory: UnsafeMutableRawBufferPointer?
    let fileSize: UInt64
    /// The file's, both; `nil` for an image in memory.
    let path: String?
    let identity: FileIdentity?

    private static let isReady: Bool = elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE)

    init(path: String) throws(ELFError) {
        let descriptor = try OwnedDescriptor(readingRegularFile: path)
        guard Self.isReady, let elf = unsafe elf_begin(descriptor.number, ELF_C_READ, nil) else { throw .notELF }
        guard unsafe elf_kind(elf) == ELF_K_ELF else {
            unsafe elf_end(elf)
            throw .notELF
        }
        unsafe self.elf = unsafe elf
        fileSize = descriptor.size
        self.path = path
        identity = descriptor.identity
        self.descriptor = consume descriptor
        unsafe memory = nil
    }

    /// Reads from a private copy of `bytes`.
    init(bytes: [UInt8]) throws(ELFError) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        unsafe memory.copyBytes(from: bytes)
        let start = unsafe memory.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard Self.isReady, let elf = unsafe elf_memory(start, bytes.count) else {
            unsafe memory.deallocate()
            throw .notELF
        }
        guard unsafe elf_kind(elf) == ELF_K_ELF else {
            unsafe elf_end(elf)
            unsafe memory.deallocate()
            throw .notELF
        }
        unsafe self.elf = unsafe elf
        fileSize = UInt64(bytes.count)
        descriptor = nil
        path = nil
        identity = nil
        unsafe self.memory = unsafe memory
    }

    /// Fills `buffer` with bytes of the file; false where it is in memory, or has not that many.
    func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        unsafe (descriptor?.read(from: offset, into: buffer) ?? -1) == buffer.count
    }

    deinit {
        unsafe elf_end(elf)
        unsafe memory?.deallocate()
    }
}
