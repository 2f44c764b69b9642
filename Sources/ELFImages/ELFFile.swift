internal import CLibELF

/// An open ELF file: its layout, read once, and the way to its sections' bytes.
public struct ELFFile: ~Copyable {
    /// Headers, segments and sections.
    public let layout: ELFLayout
    let handle: ELFHandle

    /// No section that is read whole may be larger than this, in bytes, whatever its header says.
    static let largestSection: UInt64 = 1 << 30
    /// What of it was not read so far.
    public var limits: [ReadingLimit] { handle.budget.limits }

    /// Opens a file. The path is not looked up again.
    /// - Throws: an `ELFError` where it cannot be opened or is no ELF file.
    public init(path: String) throws(ELFError) {
        let handle = try ELFHandle(path: path)
        layout = try Self.readLayout(handle)
        self.handle = consume handle
    }

    /// Opens an image that is in memory, such as the vDSO.
    /// - Throws: an `ELFError` where it is no ELF file.
    public init(bytes: [UInt8]) throws(ELFError) {
        let handle = try ELFHandle(bytes: bytes)
        layout = try Self.readLayout(handle)
        self.handle = consume handle
    }

    init(_ handle: consuming ELFHandle) throws(ELFError) {
        layout = try Self.readLayout(handle)
        self.handle = consume handle
    }

    /// The bytes of the first section of this name, as the file has them: compressed ones are not unpacked. `nil` where there is
    /// none, where it occupies no space in the file, or where it reaches beyond the file.
    /// - Throws: `ELFError.tooLarge` beyond 1 GiB.
    public func contents(ofSection name: String) throws(ELFError) -> [UInt8]? {
        guard let index = layout.sectionIndex(named: name) else { return nil }
        return try sectionBytes(at: index)
    }

    /// A copy of a section's bytes.
    func sectionBytes(at index: Int) throws(ELFError) -> [UInt8]? {
        var bytes: [UInt8]?
        try unsafe withSection(at: index) { bytes = unsafe Array($0) }
        return bytes
    }

    /// A section's bytes, for the duration of the call, which there is none of where there are no bytes.
    func withSection(at index: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(ELFError) {
        guard let data = try unsafe sectionData(at: index), let start = unsafe data.pointee.d_buf,
            let count = unsafe Int(exactly: data.pointee.d_size)
        else { return }
        unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Where the bytes of a section lie in the file; `nil` where it has none, or they are not all there.
    func range(ofSection index: Int) throws(ELFError) -> Range<Int>? {
        guard index > 0, index < layout.sections.count else { return nil }
        let section = layout.sections[index]
        guard section.type != UInt32(SHT_NOBITS), section.size > 0 else { return nil }
        guard section.size <= Self.largestSection else {
            throw .tooLarge(section: section.name, size: section.size)
        }
        guard section.size <= handle.fileSize, section.fileOffset <= handle.fileSize - section.size,
            let start = Int(exactly: section.fileOffset)
        else { return nil }
        return start..<start + Int(section.size)
    }

    /// libelf's data of a section, in the host's byte order; valid as long as the file is open.
    func sectionData(at index: Int) throws(ELFError) -> UnsafeMutablePointer<Elf_Data>? {
        guard let range = try range(ofSection: index),
            handle.budget.take(section: index, UInt64(range.count), for: layout.sections[index].name),
            let scn = unsafe elf_getscn(handle.elf, index)
        else { return nil }
        return unsafe elf_getdata(scn, nil)
    }
}
