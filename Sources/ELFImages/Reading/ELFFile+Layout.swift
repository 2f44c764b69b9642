internal import CLibELF
internal import Glibc

extension ELFFile {
    static func readLayout(_ handle: borrowing ELFHandle) throws(ELFError) -> ELFLayout {
        let elf = unsafe handle.elf
        var header = GElf_Ehdr()
        guard unsafe gelf_getehdr(elf, &header) != nil else { throw .notELF }
        let (segments, exceptionFrameHeader) = try readSegments(handle)
        let sections = try readSections(handle)
        var layout = ELFLayout(
            is64Bit: unsafe gelf_getclass(elf) == Int32(ELFCLASS64), machine: header.e_machine, type: header.e_type,
            buildID: nil, debugLink: nil, segments: segments,
            exceptionFrameHeader: exceptionFrameHeader, sections: sections)
        layout.buildID = noteBuildID(handle, layout: layout)
        if let index = layout.sectionIndex(named: ".gnu_debuglink"), layout.sections[index].size <= 4096,
            let scn = unsafe elf_getscn(elf, index), let data = unsafe elf_getdata(scn, nil),
            let start = unsafe data.pointee.d_buf
        {
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: data.pointee.d_size)
            let name = unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            if !name.isEmpty, !name.contains("/") {
                layout.debugLink = name
                // The checksum is at the next multiple of four, in the file's byte order.
                let place = (name.utf8.count + 1 + 3) & ~3
                if place + 4 <= bytes.count {
                    let checksum = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                    layout.debugLinkChecksum =
                        header.e_ident.5 == UInt8(ELFDATA2MSB)
                        ? UInt32(bigEndian: checksum) : UInt32(littleEndian: checksum)
                }
            }
        }
        return layout
    }

    /// The PT_LOAD headers, and the first PT_GNU_EH_FRAME.
    private static func readSegments(
        _ handle: borrowing ELFHandle
    ) throws(ELFError) -> (loaded: [ELFSegment], exceptionFrameHeader: ELFSegment?) {
        var count = 0
        guard unsafe elf_getphdrnum(handle.elf, &count) == 0 else { return ([], nil) }
        guard count <= ELFTables.mostSegments else {
            throw .tooLarge(section: "program headers", size: UInt64(count))
        }
        var segments: [ELFSegment] = []
        var exceptionFrameHeader: ELFSegment?
        for index in 0..<Int32(count) {
            var header = GElf_Phdr()
            guard unsafe gelf_getphdr(handle.elf, index, &header) != nil else { break }
            guard max(header.p_memsz, header.p_filesz) > 0 else { continue }
            let segment = ELFSegment(
                fileOffset: header.p_offset, virtualAddress: header.p_vaddr, fileSize: header.p_filesz,
                memorySize: header.p_memsz, isExecutable: header.p_flags & UInt32(PF_X) != 0)
            if header.p_type == PT_LOAD { segments.append(segment) }
            if header.p_type == PT_GNU_EH_FRAME { exceptionFrameHeader = exceptionFrameHeader ?? segment }
        }
        return (segments, exceptionFrameHeader)
    }

    private static func readSections(_ handle: borrowing ELFHandle) throws(ELFError) -> [ELFSection] {
        var count = 0
        var names = 0
        guard unsafe elf_getshdrnum(handle.elf, &count) == 0, count > 0 else { return [] }
        guard count <= ELFTables.mostSections else {
            throw .tooLarge(section: "section headers", size: UInt64(count))
        }
        let nameTable = try unsafe elf_getshdrstrndx(handle.elf, &names) == 0 ? sectionNames(handle, names) : []
        var sections: [ELFSection] = []
        for index in 0..<count {
            var header = GElf_Shdr()
            guard let scn = unsafe elf_getscn(handle.elf, index), unsafe gelf_getshdr(scn, &header) != nil else {
                break
            }
            var name = ""
            if index > 0, let start = Int(exactly: header.sh_name), start < nameTable.count {
                let text = nameTable[start...].prefix(longestSectionName).prefix { $0 != 0 }
                name = String(decoding: text, as: UTF8.self)
            }
            sections.append(
                ELFSection(
                    name: name, type: header.sh_type, flags: header.sh_flags, address: header.sh_addr,
                    fileOffset: header.sh_offset, size: header.sh_size, link: header.sh_link,
                    entrySize: header.sh_entsize))
        }
        return sections
    }

    /// Longer names are cut, in bytes: many sections may share one name of a megabyte.
    static let longestSectionName = 256
    /// The largest table of section names, in bytes.
    private static let largestNameTable: UInt64 = 4 << 20

    private static func sectionNames(_ handle: borrowing ELFHandle, _ index: Int) throws(ELFError) -> [UInt8] {
        var header = GElf_Shdr()
        guard let scn = unsafe elf_getscn(handle.elf, index), unsafe gelf_getshdr(scn, &header) != nil,
            header.sh_type == UInt32(SHT_STRTAB)
        else { return [] }
        guard header.sh_size <= largestNameTable else {
            throw .tooLarge(section: "section names", size: header.sh_size)
        }
        return handle.bytes(at: header.sh_offset, count: Int(header.sh_size))
    }

    /// The largest note section read, in bytes. Larger ones hold no build ID but how each function was compiled
    /// (`.gnu.build.attributes`).
    private static let largestNote: UInt64 = 1 << 20
    /// The most note sections and segments that are searched.
    private static let mostNotes = 64

    /// The build ID in the note sections, or in the PT_NOTE segments of an image without section headers.
    private static func noteBuildID(_ handle: borrowing ELFHandle, layout: ELFLayout) -> [UInt8]? {
        var left = mostNotes
        for (index, section) in layout.sections.enumerated()
        where section.type == UInt32(SHT_NOTE) && section.size <= min(handle.fileSize, largestNote) {
            guard left > 0 else { return nil }
            left -= 1
            guard let scn = unsafe elf_getscn(handle.elf, index), handle.budget.take(section.size, for: section.name),
                let data = unsafe elf_getdata(scn, nil)
            else { continue }
            if let buildID = unsafe buildID(inNotes: data) { return buildID }
        }
        var count = 0
        guard unsafe elf_getphdrnum(handle.elf, &count) == 0 else { return nil }
        for index in 0..<Int32(truncatingIfNeeded: min(count, Int(ELFTables.mostSegments))) {
            var header = GElf_Phdr()
            guard left > 0, unsafe gelf_getphdr(handle.elf, index, &header) != nil else { break }
            guard header.p_type == PT_NOTE, header.p_filesz <= min(handle.fileSize, largestNote),
                let offset = Int64(exactly: header.p_offset), handle.budget.take(header.p_filesz, for: "PT_NOTE"),
                let data = unsafe elf_getdata_rawchunk(
                    handle.elf, offset, Int(truncatingIfNeeded: header.p_filesz),
                    header.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR)
            else { continue }
            left -= 1
            if let buildID = unsafe buildID(inNotes: data) { return buildID }
        }
        return nil
    }

    private static func buildID(inNotes data: UnsafeMutablePointer<Elf_Data>) -> [UInt8]? {
        guard let start = unsafe data.pointee.d_buf else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: data.pointee.d_size)
        var offset = 0
        var note = GElf_Nhdr()
        var nameOffset = 0
        var descriptorOffset = 0
        while true {
            let next = unsafe gelf_getnote(data, offset, &note, &nameOffset, &descriptorOffset)
            guard next > offset else { return nil }
            offset = next
            let name = nameOffset..<nameOffset &+ 4
            let descriptor = descriptorOffset..<descriptorOffset &+ Int(note.n_descsz)
            guard note.n_type == UInt32(NT_GNU_BUILD_ID), note.n_namesz == 4, !descriptor.isEmpty,
                descriptor.count <= 64, name.upperBound <= bytes.count, descriptor.upperBound <= bytes.count
            else { continue }
            if unsafe bytes[name].elementsEqual([0x47, 0x4E, 0x55, 0]) { return unsafe [UInt8](bytes[descriptor]) }
        }
    }
}
