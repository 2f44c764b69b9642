internal import CLibELF

/// An open ELF file: its layout, read once, and the way to its sections' bytes.
public struct ELFFile: ~Copyable {
    /// Headers, segments and sections.
    public let layout: ELFLayout
    let handle: ELFHandle

    /// The largest section that is read whole, in bytes.
    static let largestSection: UInt64 = 1 << 30
    /// What has been skipped or cut so far.
    public var limits: [ReadingLimit] { handle.budget.limits }

    /// Opens a file. Reads from this value use its descriptor, without looking the path up again.
    /// - Throws: an `ELFError` if the file cannot be opened, is not ELF, or has a table that is too large.
    public init(path: String) throws(ELFError) {
        let handle = try ELFHandle(path: path)
        layout = try Self.readLayout(handle)
        self.handle = consume handle
    }

    /// Opens an image that is in memory, such as the vDSO.
    /// - Throws: an `ELFError` if the bytes are not an ELF file or have a table that is too large.
    public init(bytes: [UInt8]) throws(ELFError) {
        let handle = try ELFHandle(bytes: bytes)
        layout = try Self.readLayout(handle)
        self.handle = consume handle
    }

    init(_ handle: consuming ELFHandle) throws(ELFError) {
        layout = try Self.readLayout(handle)
        self.handle = consume handle
    }

    /// The bytes of the first section of this name, as stored: compressed sections are not unpacked. `nil` if there is
    /// no such section, if it occupies no space in the file, or if it extends beyond the file.
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

    /// Calls `body` with a section's bytes, valid during the call; does not call it if there are none.
    func withSection(at index: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(ELFError) {
        guard let data = try unsafe sectionData(at: index), let start = unsafe data.pointee.d_buf,
            let count = unsafe Int(exactly: data.pointee.d_size)
        else { return }
        unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The range of a section in the file; `nil` if it is empty or extends beyond the file.
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

    /// libelf's data for a section, in the host's byte order; valid while the file is open.
    func sectionData(at index: Int) throws(ELFError) -> UnsafeMutablePointer<Elf_Data>? {
        guard let range = try range(ofSection: index),
            handle.budget.take(section: index, UInt64(range.count), for: layout.sections[index].name),
            let scn = unsafe elf_getscn(handle.elf, index)
        else { return nil }
        return unsafe elf_getdata(scn, nil)
    }
}
