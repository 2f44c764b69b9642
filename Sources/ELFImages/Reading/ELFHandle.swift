internal import CLibELF
internal import Glibc

/// Owns one libelf handle and the bytes that it reads from.
///
/// Files are read with `ELF_C_READ`, not mapped: if another process truncates one, reads come back short instead of
/// raising SIGBUS.
@safe struct ELFHandle: ~Copyable {
    /// Valid while this value lives.
    let elf: OpaquePointer
    private let descriptor: OpenImage?
    private let memory: UnsafeMutableRawBufferPointer?
    let fileSize: UInt64
    let budget: ReadingBudget
    /// Path and identity of the file; both `nil` for an image in memory, except that sections unpacked from a file keep
    /// its path.
    let path: String?
    let identity: FileIdentity?

    /// The file's identity and bytes on disk; `nil` for an image in memory.
    var weight: FileWeight? {
        identity.map { FileWeight(identity: $0, bytesOnDisk: bytesOnDisk) }
    }
    private let bytesOnDisk: UInt64

    private static let isReady: Bool = elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE)

    init(path: String) throws(ELFError) {
        let descriptor = try OpenImage(readingRegularFile: path)
        try Self.check { descriptor.bytes(at: $0, count: $1) }
        let bytesOnDisk = min(descriptor.size, FileExtent.bytesOnDisk(descriptor.number))
        guard Self.isReady, let elf = unsafe elf_begin(descriptor.number, ELF_C_READ, nil) else { throw .notELF }
        guard unsafe elf_kind(elf) == ELF_K_ELF else {
            unsafe elf_end(elf)
            throw .notELF
        }
        unsafe self.elf = unsafe elf
        fileSize = descriptor.size
        self.bytesOnDisk = bytesOnDisk
        budget = ReadingBudget(bytesOnDisk: bytesOnDisk)
        self.path = path
        identity = descriptor.identity
        self.descriptor = consume descriptor
        unsafe memory = nil
    }

    /// Reads from a private copy of `bytes`.
    init(bytes: [UInt8]) throws(ELFError) {
        try Self.check { offset, count in
            offset < UInt64(bytes.count) ? Array(bytes[Int(offset)...].prefix(count)) : []
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        unsafe memory.copyBytes(from: bytes)
        try unsafe self.init(taking: memory, count: bytes.count, path: nil)
    }

    /// Reads from `memory`, of which it takes ownership; `path` is that of the file that the sections came from.
    init(taking memory: UnsafeMutableRawBufferPointer, count: Int, path: String?) throws(ELFError) {
        let start = unsafe memory.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard Self.isReady, let elf = unsafe elf_memory(start, count) else {
            unsafe memory.deallocate()
            throw .notELF
        }
        guard unsafe elf_kind(elf) == ELF_K_ELF else {
            unsafe elf_end(elf)
            unsafe memory.deallocate()
            throw .notELF
        }
        unsafe self.elf = unsafe elf
        fileSize = UInt64(count)
        bytesOnDisk = UInt64(count)
        budget = ReadingBudget(bytesOnDisk: UInt64(count))
        descriptor = nil
        self.path = path
        identity = nil
        unsafe self.memory = unsafe memory
    }

    private static func check(_ read: (UInt64, Int) -> [UInt8]) throws(ELFError) {
        guard let tables = ELFTables(read: read) else { throw .notELF }
        guard tables.sections <= ELFTables.mostSections else {
            throw .tooLarge(section: "section headers", size: tables.sections)
        }
        guard tables.segments <= ELFTables.mostSegments else {
            throw .tooLarge(section: "program headers", size: tables.segments)
        }
    }

    /// Bytes of the file, at most `count`.
    func bytes(at offset: UInt64, count: Int) -> [UInt8] {
        if let memory = unsafe memory {
            guard offset < fileSize, count > 0 else { return [] }
            let end = min(Int(fileSize), Int(offset) + min(count, Int(fileSize)))
            return unsafe [UInt8](UnsafeRawBufferPointer(memory)[Int(offset)..<end])
        }
        return descriptor?.bytes(at: offset, count: count) ?? []
    }

    /// Fills `buffer` with bytes of the file; false if there are too few.
    func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        if let memory = unsafe memory {
            guard offset >= 0, buffer.count <= Int(fileSize), offset <= Int(fileSize) - buffer.count else {
                return false
            }
            unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[offset..<offset + buffer.count]))
            return true
        }
        return unsafe (descriptor?.read(from: offset, into: buffer) ?? -1) == buffer.count
    }

    deinit {
        unsafe elf_end(elf)
        unsafe memory?.deallocate()
    }
}
