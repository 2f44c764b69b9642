internal import CLibELF

/// The parts of an ELF file that unwinding needs: bytes, and the virtual addresses at which they are linked.
public struct ELFUnwindSections: Sendable {
    /// A section in memory.
    public struct Section: Sendable {
        /// The virtual address that it is linked at.
        public var address: UInt64
        /// All of it, decompressed.
        public var bytes: [UInt8]
    }

    /// `.eh_frame`: how to unwind each function (LSB Core 10.6.1).
    public var exceptionFrames: Section?
    /// `.eh_frame_hdr`: where each function's entry is (LSB Core 10.6.2).
    public var exceptionFrameHeader: Section?
    /// `.debug_frame`: unwind information for debuggers, decompressed (DWARF 5 section 6.4).
    public var debugFrames: Section?
    /// `.gopclntab`: Go's functions and the sizes of their frames.
    public var goFunctionTable: Section?
    /// The executable PT_LOAD segments, read on demand.
    public var code: [ELFCode] = []
    /// All PT_LOAD segments.
    public var segments: [ELFSegment] = []
    /// The address of `.text`, the base of DW_EH_PE_textrel.
    public var textAddress: UInt64?
    /// The address of the global offset table, the base of DW_EH_PE_datarel.
    public var dataAddress: UInt64?
}

extension ELFFile {
    /// Reads the sections that describe frames. Sections that are missing or extend beyond the file are left out.
    public func unwindSections() -> ELFUnwindSections {
        var sections = ELFUnwindSections()
        if layout.sectionIndex(named: ".eh_frame") != nil {
            sections.exceptionFrames = unwindSection(".eh_frame")
            sections.exceptionFrameHeader = unwindSection(".eh_frame_hdr")
        } else if let found = framesOfProgramHeader() {
            sections.exceptionFrames = found.frames
            sections.exceptionFrameHeader = found.header
        }
        sections.debugFrames = unwindSection(".debug_frame") ?? unwindSection(".zdebug_frame")
        // Position-independent Go programs have the table among the relocated data.
        sections.goFunctionTable = unwindSection(".gopclntab") ?? unwindSection(".data.rel.ro.gopclntab")
        sections.segments = layout.segments
        sections.code = layout.segments.filter(\.isExecutable).compactMap { code(of: $0) }
        sections.textAddress = layout.section(named: ".text")?.address
        sections.dataAddress = (layout.section(named: ".got.plt") ?? layout.section(named: ".got"))?.address
        return sections
    }

    /// The code of a segment. Nothing is read from a file yet; bytes of an image in memory are copied, since they go
    /// away with this value.
    private func code(of segment: ELFSegment) -> ELFCode? {
        guard isInFile(at: segment.fileOffset, count: segment.fileSize) else { return nil }
        let source: ELFCode.Source
        if let path = handle.path, let identity = handle.identity {
            source = .file(path: path, identity: identity, offset: segment.fileOffset)
        } else {
            guard let bytes = copy(at: segment.fileOffset, count: segment.fileSize) else { return nil }
            source = .memory(bytes)
        }
        return ELFCode(address: segment.virtualAddress, size: segment.fileSize, source: source)
    }

    private func unwindSection(_ name: String) -> ELFUnwindSections.Section? {
        guard let index = layout.sectionIndex(named: name) else { return nil }
        let isCompressed = layout.sections[index].flags & UInt64(SHF_COMPRESSED) != 0 || name.hasPrefix(".z")
        if isCompressed, isZstandard(index) { return unpackedZstandard(index) }
        if isCompressed { guard decompress(index) else { return nil } }
        guard let bytes = try? sectionBytes(at: index) else { return nil }
        return ELFUnwindSections.Section(address: layout.sections[index].address, bytes: bytes)
    }

    /// Lets libelf decompress a section in memory; false if it is damaged or its stated size exceeds the limits of
    /// `mayUnpack`.
    func decompress(_ index: Int) -> Bool {
        guard mayUnpack(index) != nil else { return false }
        let section = layout.sections[index]
        guard let scn = unsafe elf_getscn(handle.elf, index) else { return false }
        if section.flags & UInt64(SHF_COMPRESSED) == 0 { return unsafe elf_compress_gnu(scn, 0, 0) >= 0 }
        return unsafe elf_compress(scn, 0, 0) >= 0
    }

    /// The unpacked size of a section; `nil` if it exceeds the limits. Deflate compresses by at most 1032:1.
    private func mayUnpack(_ index: Int) -> Int? {
        let section = layout.sections[index]
        guard section.size <= handle.fileSize, section.size <= Self.largestSection / 1032,
            let size = unpackedSize(ofSection: index)
        else { return nil }
        // A real `.debug_frame` is compressed about 4:1.
        guard size <= Self.mostUnpacked &+ section.size * 16, handle.budget.take(section.size, for: section.name) else {
            handle.budget.note(.section(section.name))
            return nil
        }
        return Int(exactly: size)
    }

    private func unpackedZstandard(_ index: Int) -> ELFUnwindSections.Section? {
        guard let size = mayUnpack(index) else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        let isWhole = unsafe bytes.withUnsafeMutableBytes { unsafe unpackZstandard(index, into: $0) }
        guard isWhole else {
            handle.budget.note(.section(layout.sections[index].name))
            return nil
        }
        return ELFUnwindSections.Section(address: layout.sections[index].address, bytes: bytes)
    }

    private func isInFile(at offset: UInt64, count: UInt64) -> Bool {
        count > 0 && count <= handle.fileSize && offset <= handle.fileSize - count
    }

    /// A copy of bytes of the file; `nil` if the range is empty, extends beyond the file or exceeds a limit.
    func copy(at offset: UInt64, count: UInt64) -> [UInt8]? {
        unsafe withFileBytes(at: offset, count: count) { unsafe [UInt8]($0) }
    }

    /// Calls `body` with bytes of the file; `nil` if the range is empty, extends beyond the file or exceeds a limit.
    func withFileBytes<Result>(
        at offset: UInt64, count: UInt64, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard isInFile(at: offset, count: count), count <= Self.largestSection,
            handle.budget.take(count, for: "a segment"),
            let data = unsafe elf_getdata_rawchunk(
                handle.elf, Int64(truncatingIfNeeded: offset), Int(truncatingIfNeeded: count), ELF_T_BYTE),
            let start = unsafe data.pointee.d_buf
        else { return nil }
        return unsafe body(UnsafeRawBufferPointer(start: start, count: data.pointee.d_size))
    }
}
