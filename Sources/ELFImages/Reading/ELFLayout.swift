/// A program header, of PT_LOAD mostly: bytes of the file that are mapped at a virtual address.
public struct ELFSegment: Hashable, Sendable {
    /// p_offset: where its bytes begin in the file.
    public var fileOffset: UInt64
    /// p_vaddr: the address that they are linked at.
    public var virtualAddress: UInt64
    /// p_filesz: bytes in the file.
    public var fileSize: UInt64
    /// p_memsz: bytes in memory; those beyond `fileSize` are zeros.
    public var memorySize: UInt64
    /// PF_X.
    public var isExecutable: Bool
}

/// A section header. Every field is as the file has it, so none of them can be trusted.
public struct ELFSection: Hashable, Sendable {
    /// As the table of section names has it.
    public var name: String
    /// sh_type: SHT_*, elf(5).
    public var type: UInt32
    /// sh_flags: SHF_*.
    public var flags: UInt64
    /// sh_addr: the virtual address that it is linked at; 0 for one that is not loaded.
    public var address: UInt64
    /// sh_offset: where it begins in the file.
    public var fileOffset: UInt64
    /// sh_size, in bytes; of SHT_NOBITS in memory alone.
    public var size: UInt64
    /// sh_link: the index of a section that belongs to it, such as a symbol table's strings.
    public var link: UInt32
    /// sh_entsize: bytes of an entry of a table; 0 for others.
    public var entrySize: UInt64

    /// SHF_ALLOC: the program has it in memory.
    public var isAllocated: Bool { flags & 2 != 0 }
    /// SHF_EXECINSTR: it holds code.
    public var isExecutable: Bool { flags & 4 != 0 }

    /// Whether `address` lies in the section; false where the header's own sum wraps.
    func contains(_ address: UInt64) -> Bool { address >= self.address && address - self.address < size }
}

/// What an ELF file says about itself, apart from its symbols.
public struct ELFLayout: Hashable, Sendable {
    /// ELFCLASS64, not ELFCLASS32.
    public var is64Bit: Bool
    /// e_machine: EM_*, 62 for x86-64 and 183 for arm64.
    public var machine: UInt16
    /// e_type: ET_*, elf(5).
    public var type: UInt16
    /// The GNU build ID (NT_GNU_BUILD_ID), without padding.
    public var buildID: [UInt8]?
    /// The file with separate debug information (`.gnu_debuglink`), a file name without directory.
    public var debugLink: String?
    /// The CRC-32 of that file, which stands behind its name.
    public var debugLinkChecksum: UInt32?
    /// The PT_LOAD headers, in the order of the file.
    public var segments: [ELFSegment]
    /// PT_GNU_EH_FRAME: where `.eh_frame_hdr` is, in files without section headers too.
    public var exceptionFrameHeader: ELFSegment?
    /// All of them, so that an index is that of the file; index 0 is the null section.
    public var sections: [ELFSection]

    /// The first section of a name; `nil` where there is none.
    public func section(named name: String) -> ELFSection? { sections.first { $0.name == name } }

    func sectionIndex(named name: String) -> Int? { sections.firstIndex { $0.name == name } }

    /// The file offset that holds the byte at a virtual address: from the PT_LOAD header around it, or else from the
    /// section that a symbol says it belongs to. Offsets are what maps and symbols have in common, whatever base an
    /// image was linked for or loaded at.
    func fileOffset(ofVirtualAddress address: UInt64, section: ELFSection) -> UInt64 {
        fileOffset(ofVirtualAddress: address) { section }
    }

    /// The offset in the file of a virtual address; `section` is only asked for where no segment is around the address.
    @inline(__always)
    func fileOffset(ofVirtualAddress address: UInt64, section: () -> ELFSection) -> UInt64 {
        for segment in segments {
            let size = max(segment.memorySize, segment.fileSize)
            if address >= segment.virtualAddress, address - segment.virtualAddress < size {
                return address &- segment.virtualAddress &+ segment.fileOffset
            }
        }
        let section = section()
        return address &- section.address &+ section.fileOffset
    }

    /// The bytes of the file from a virtual address up to the end of its PT_LOAD segment, as offsets in the file; `nil`
    /// outside every segment, and where one says of itself what cannot be.
    func fileRange(fromVirtualAddress address: UInt64) -> Range<UInt64>? {
        for segment in segments
        where address >= segment.virtualAddress && address - segment.virtualAddress < segment.fileSize {
            let (end, overflow) = segment.fileOffset.addingReportingOverflow(segment.fileSize)
            guard !overflow else { continue }
            return address - segment.virtualAddress + segment.fileOffset..<end
        }
        return nil
    }

    /// The offset in the file of the byte that is linked at a virtual address; `nil` outside every PT_LOAD segment, and for
    /// what has no bytes in the file.
    public func fileOffset(ofVirtualAddress address: UInt64) -> UInt64? {
        fileRange(fromVirtualAddress: address)?.lowerBound
    }

    /// The virtual address at which a byte of the file is linked; `nil` outside every PT_LOAD segment.
    public func virtualAddress(ofFileOffset offset: UInt64) -> UInt64? {
        for segment in segments where offset >= segment.fileOffset && offset - segment.fileOffset < segment.fileSize {
            return offset &- segment.fileOffset &+ segment.virtualAddress
        }
        return nil
    }

    /// The virtual address at which a byte of code is linked: a page of the file may be mapped as data, too.
    public func codeAddress(ofFileOffset offset: UInt64) -> UInt64? {
        for segment in segments
        where segment.isExecutable && offset >= segment.fileOffset && offset - segment.fileOffset < segment.fileSize {
            return offset &- segment.fileOffset &+ segment.virtualAddress
        }
        return nil
    }
}
