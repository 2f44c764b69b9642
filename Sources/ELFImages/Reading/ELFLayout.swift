/// A program header, usually PT_LOAD: bytes of the file that are mapped at a virtual address.
public struct ELFSegment: Hashable, Sendable {
    /// p_offset: the file offset of its first byte.
    public var fileOffset: UInt64
    /// p_vaddr: the virtual address at which it is linked.
    public var virtualAddress: UInt64
    /// p_filesz: bytes in the file.
    public var fileSize: UInt64
    /// p_memsz: bytes in memory; those beyond `fileSize` are zeros.
    public var memorySize: UInt64
    /// PF_X.
    public var isExecutable: Bool
}

/// A section header. All fields are as stored in the file, and not to be trusted.
public struct ELFSection: Hashable, Sendable {
    /// Its name, from the section name table; cut at 256 bytes.
    public var name: String
    /// sh_type: SHT_*, elf(5).
    public var type: UInt32
    /// sh_flags: SHF_*.
    public var flags: UInt64
    /// sh_addr: the virtual address at which it is linked; 0 if it is not loaded.
    public var address: UInt64
    /// sh_offset: where it begins in the file.
    public var fileOffset: UInt64
    /// sh_size, in bytes; for SHT_NOBITS, the size in memory only.
    public var size: UInt64
    /// sh_link: the index of a related section, such as a symbol table's strings.
    public var link: UInt32
    /// sh_entsize: size of a table entry in bytes; 0 if the section is not a table.
    public var entrySize: UInt64

    /// SHF_ALLOC: the program has it in memory.
    public var isAllocated: Bool { flags & 2 != 0 }
    /// SHF_EXECINSTR: it holds code.
    public var isExecutable: Bool { flags & 4 != 0 }

    /// Whether `address` lies in the section, even if the section's end would overflow.
    func contains(_ address: UInt64) -> Bool { address >= self.address && address - self.address < size }
}

/// The headers of an ELF file: its type, identity, segments and sections.
public struct ELFLayout: Hashable, Sendable {
    /// ELFCLASS64, not ELFCLASS32.
    public var is64Bit: Bool
    /// e_machine: EM_*, 62 for x86-64 and 183 for arm64.
    public var machine: UInt16
    /// e_type: ET_*, elf(5).
    public var type: UInt16
    /// The GNU build ID (NT_GNU_BUILD_ID), without padding.
    public var buildID: [UInt8]?
    /// The file with separate debug information (`.gnu_debuglink`): a file name without a directory.
    public var debugLink: String?
    /// The CRC-32 of the file that `debugLink` names, from the same section.
    public var debugLinkChecksum: UInt32?
    /// The PT_LOAD headers, in the order of the file.
    public var segments: [ELFSegment]
    /// PT_GNU_EH_FRAME: where `.eh_frame_hdr` is, in files without section headers too.
    public var exceptionFrameHeader: ELFSegment?
    /// All sections, so that indices match the file's; index 0 is the null section.
    public var sections: [ELFSection]

    /// The first section with this name; `nil` if there is none.
    public func section(named name: String) -> ELFSection? { sections.first { $0.name == name } }

    func sectionIndex(named name: String) -> Int? { sections.firstIndex { $0.name == name } }

    /// The file offset of the byte at a virtual address, computed from the PT_LOAD header around it, or else from the
    /// symbol's section. Maps and symbols are compared by file offset because it does not depend on the base for which
    /// an image was linked or at which it was loaded.
    func fileOffset(ofVirtualAddress address: UInt64, section: ELFSection) -> UInt64 {
        fileOffset(ofVirtualAddress: address) { section }
    }

    /// The file offset of a virtual address; `section` is called only if no segment contains the address.
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

    /// The file offsets from a virtual address to the end of its PT_LOAD segment; `nil` outside every segment, or if
    /// the segment's end overflows.
    func fileRange(fromVirtualAddress address: UInt64) -> Range<UInt64>? {
        for segment in segments
        where address >= segment.virtualAddress && address - segment.virtualAddress < segment.fileSize {
            let (end, overflow) = segment.fileOffset.addingReportingOverflow(segment.fileSize)
            guard !overflow else { continue }
            return address - segment.virtualAddress + segment.fileOffset..<end
        }
        return nil
    }

    /// The file offset of the byte linked at a virtual address; `nil` outside every PT_LOAD segment, and for memory
    /// without bytes in the file.
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

    /// The virtual address at which a byte of code is linked; `nil` outside the executable PT_LOAD segments. The same
    /// page of the file may also be mapped as data, which is ignored.
    public func codeAddress(ofFileOffset offset: UInt64) -> UInt64? {
        for segment in segments
        where segment.isExecutable && offset >= segment.fileOffset && offset - segment.fileOffset < segment.fileSize {
            return offset &- segment.fileOffset &+ segment.virtualAddress
        }
        return nil
    }
}
