internal import CCompression
internal import CLibELF

/// Sections compressed by zstd. libelf unpacks them only from elfutils 0.189 on, and only if built with zstd, so they
/// are unpacked here.
extension ELFFile {
    /// ELFCOMPRESS_ZSTD of `elf.h`.
    private static let zstandard: [UInt8] = [2, 0, 0, 0]

    func isZstandard(_ index: Int) -> Bool {
        let section = layout.sections[index]
        return section.flags & UInt64(SHF_COMPRESSED) != 0 && section.type != UInt32(SHT_NOBITS)
            && handle.bytes(at: section.fileOffset, count: 4) == Self.zstandard
    }

    /// Unpacks a section into `buffer`, which must have the size that `unpackedSize` gives, after that was checked
    /// against the limits. False if the section is damaged.
    func unpackZstandard(_ index: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard let range = try? range(ofSection: index) else { return false }
        let header = layout.is64Bit ? 24 : 12
        guard range.count > header else { return false }
        guard let target = buffer.baseAddress else { return true }
        let packed = handle.bytes(at: UInt64(range.lowerBound + header), count: range.count - header)
        return unsafe packed.withUnsafeBytes { source in
            unsafe ZSTD_decompress(target, buffer.count, source.baseAddress, source.count) == buffer.count
        }
    }

    /// A file that libdw can read: the file itself or, if any of its debug information is compressed, a copy of the debug
    /// sections that lines and inlined functions need. libdw unpacks all that it finds when it opens a file, and the
    /// places of variables are a large part. Call only after `debugSize` has accepted the file. `nil` if a section is
    /// damaged.
    static func readableDebugInformation(of file: consuming ELFFile) -> ELFFile? {
        let indices = file.debugSections()
        guard indices.contains(where: { file.isCompressed($0) }) else { return file }
        return file.unpackedCopy(indices.filter { !unneeded.contains(file.layout.sections[$0].name) })
    }

    /// Places of variables, indexes, macros and unwind tables.
    private static let unneeded: Set<String> = [
        ".debug_loc", ".debug_loclists", ".debug_aranges", ".debug_macro", ".debug_macinfo", ".debug_frame",
        ".debug_names", ".debug_pubnames", ".debug_pubtypes", ".debug_gnu_pubnames", ".debug_gnu_pubtypes",
    ]

    private func isCompressed(_ index: Int) -> Bool {
        layout.sections[index].flags & UInt64(SHF_COMPRESSED) != 0
    }

    private func debugSections() -> [Int] {
        layout.sections.indices.filter { index in
            let section = layout.sections[index]
            return Self.isDebugSection(section.name) && section.name.utf8.count < Self.longestSectionName
                && section.type != UInt32(SHT_NOBITS) && section.size > 0
        }
    }

    private func unpackedCopy(_ indices: [Int]) -> ELFFile? {
        var sections: [SectionFile.Section] = []
        for index in indices {
            let section = layout.sections[index]
            let isUnpacked = isZstandard(index)
            guard let size = isUnpacked ? unpackedSize(ofSection: index) : section.size, let size = Int(exactly: size)
            else { return nil }
            sections.append(
                SectionFile.Section(
                    name: section.name, type: section.type,
                    flags: isUnpacked ? section.flags & ~UInt64(SHF_COMPRESSED) : section.flags, size: size))
        }
        let form = SectionFile(
            is64Bit: layout.is64Bit, machine: layout.machine, type: layout.type, sections: sections)
        return unsafe form.file(path: handle.path) { number, buffer in
            let section = layout.sections[indices[number]]
            let isWhole =
                unsafe isZstandard(indices[number])
                ? unpackZstandard(indices[number], into: buffer)
                : handle.read(from: Int(clamping: section.fileOffset), into: buffer)
            if !isWhole { handle.budget.note(.section(section.name)) }
            return isWhole
        }
    }
}
