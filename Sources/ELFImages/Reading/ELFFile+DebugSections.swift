internal import CLibELF

/// How much memory debug information takes: libdw and libelf unpack it when they open it, however large it is.
extension ELFFile {
    /// Bytes that compressed sections may unpack to, in addition to a multiple of their size in the file.
    static let mostUnpacked: UInt64 = 64 << 20
    private static let mostPacked: UInt64 = 4

    /// The unpacked size of all sections that libdw would read, in bytes; `nil` if there is no debug information, or
    /// too much of it.
    func debugSize() -> UInt64? {
        var hasInformation = false
        var (size, stored) = (UInt64(0), UInt64(0))
        for (index, section) in layout.sections.enumerated() where Self.isDebugSection(section.name) {
            // libdw scans each section name to its end, so a long name makes the file unacceptable.
            guard section.name.utf8.count < Self.longestSectionName else { continue }
            guard section.type != UInt32(SHT_NOBITS), section.size > 0 else { continue }
            guard section.size <= handle.fileSize, let unpacked = unpackedSize(ofSection: index) else { return nil }
            if [".debug_info", ".zdebug_info", ".debug_info.dwo"].contains(section.name) { hasInformation = true }
            let (sum, overflow) = size.addingReportingOverflow(unpacked)
            stored = stored.addingReportingOverflow(section.size).partialValue
            guard !overflow else { return nil }
            size = sum
        }
        guard hasInformation else { return nil }
        let isNamed = layout.sections.allSatisfy { $0.name.utf8.count < Self.longestSectionName }
        guard handle.budget.take(stored, for: "debug information") else { return nil }
        guard isNamed, size <= Self.largestDebugInformation, size <= Self.mostUnpacked &+ stored &* Self.mostPacked
        else {
            handle.budget.note(.debugInformation)
            return nil
        }
        return size
    }

    /// The largest unpacked size, in bytes.
    private static let largestDebugInformation: UInt64 = 1 << 30

    static func isDebugSection(_ name: String) -> Bool {
        name.hasPrefix(".debug_") || name.hasPrefix(".zdebug_") || name.hasPrefix(".gnu.debuglto_")
            || name == ".gnu_debugaltlink"
    }

    /// The size of a section once libelf has unpacked it, as its header states; its plain size if it is not compressed.
    func unpackedSize(ofSection index: Int) -> UInt64? {
        let section = layout.sections[index]
        if section.flags & UInt64(SHF_COMPRESSED) != 0 {
            // Elf64_Chdr: type, reserved, size; Elf32_Chdr has no reserved field.
            let isBig = handle.bytes(at: 5, count: 1) == [2]
            let (offset, count) = layout.is64Bit ? (8, 8) : (4, 4)
            let header = handle.bytes(at: section.fileOffset, count: offset + count)
            guard header.count == offset + count else { return nil }
            let field = header[offset...]
            let value = isBig ? field.map { $0 } : field.reversed()
            return value.reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard section.name.hasPrefix(".z") else { return section.size }
        // "ZLIB", then the size in big-endian order.
        let header = handle.bytes(at: section.fileOffset, count: 12)
        guard header.count == 12, header.starts(with: "ZLIB".utf8) else { return section.size }
        return header[4...].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
