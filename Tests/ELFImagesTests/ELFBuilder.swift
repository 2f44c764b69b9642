/// Lays out a small 64-bit little-endian ELF file: one text and one data segment, a symbol table, a build ID.
struct ELFBuilder {
    struct Symbol {
        var name: String
        var value: UInt64
        var size: UInt64 = 0
        var type: UInt8 = 2
        var binding: UInt8 = 1
        var visibility: UInt8 = 0
        var section: UInt16 = ELFBuilder.text
    }

    /// Section numbers.
    static let text: UInt16 = 1
    static let data: UInt16 = 2
    static let comment: UInt16 = 3

    /// File offset 0x1000 is mapped here.
    var base: UInt64 = 0x1000
    var machine: UInt16 = 62
    var buildID: [UInt8]?
    var symbols: [Symbol] = []
    var dynamicSymbols: [Symbol] = []

    /// The text section has file offsets 0x1000..<0x3000, the data section 0x3000..<0x3100.
    func bytes() -> [UInt8] {
        var note: [UInt8] = []
        if let buildID { note = word(4) + word(UInt32(buildID.count)) + word(3) + Array("GNU\0".utf8) + buildID }
        while note.count % 4 != 0 { note.append(0) }
        let (symtab, strtab) = table(symbols)
        let (dynsym, dynstr) = table(dynamicSymbols)
        let names = [
            "", ".text", ".data", ".comment", ".note.gnu.build-id", ".symtab", ".strtab", ".dynsym", ".dynstr",
            ".shstrtab",
        ]
        var nameTable: [UInt8] = []
        var nameOffsets: [UInt32] = []
        for name in names {
            nameOffsets.append(UInt32(nameTable.count))
            nameTable += Array(name.utf8) + [0]
        }
        var file = [UInt8](repeating: 0x90, count: 0x3100)
        func place(_ content: [UInt8]) -> (UInt64, UInt64) {
            while file.count % 8 != 0 { file.append(0) }
            defer { file += content }
            return (UInt64(file.count), UInt64(content.count))
        }
        let comment = place([0x78, 0])
        let notes = place(note)
        let placed = [place(symtab), place(strtab), place(dynsym), place(dynstr), place(nameTable)]
        // Name, type, flags, address, offset and size, link, entry size.
        let sections: [(UInt32, UInt64, UInt64, (UInt64, UInt64), UInt32, UInt64)] = [
            (0, 0, 0, (0, 0), 0, 0),
            (1, 6, base, (0x1000, 0x2000), 0, 0),
            (1, 3, base + 0x3000, (0x3000, 0x100), 0, 0),
            (1, 0, 0, comment, 0, 0),
            (7, 2, 0, notes, 0, 0),
            (2, 0, 0, placed[0], 6, 24),
            (3, 0, 0, placed[1], 0, 0),
            (11, 2, 0, placed[2], 8, 24),
            (3, 2, 0, placed[3], 0, 0),
            (3, 0, 0, placed[4], 0, 0),
        ]
        while file.count % 8 != 0 { file.append(0) }
        let sectionHeaders = UInt64(file.count)
        for (index, section) in sections.enumerated() {
            file += word(nameOffsets[index]) + word(section.0) + long(section.1) + long(section.2)
            file += long(section.3.0) + long(section.3.1) + word(section.4) + word(0) + long(8) + long(section.5)
        }
        var header: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        header += half(3) + half(machine) + word(1) + long(0) + long(64) + long(sectionHeaders) + word(0)
        header += half(64) + half(56) + half(2) + half(64) + half(UInt16(sections.count)) + half(9)
        header += segment(flags: 5, offset: 0x1000, address: base, size: 0x2000)
        header += segment(flags: 6, offset: 0x3000, address: base + 0x3000, size: 0x100)
        file.replaceSubrange(0..<header.count, with: header)
        return file
    }

    private func segment(flags: UInt32, offset: UInt64, address: UInt64, size: UInt64) -> [UInt8] {
        word(1) + word(flags) + long(offset) + long(address) + long(address) + long(size) + long(size) + long(0x1000)
    }

    private func table(_ symbols: [Symbol]) -> (entries: [UInt8], strings: [UInt8]) {
        var entries = [UInt8](repeating: 0, count: 24)
        var strings: [UInt8] = [0]
        for symbol in symbols {
            entries += word(UInt32(strings.count)) + [symbol.binding << 4 | symbol.type, symbol.visibility]
            entries += half(symbol.section) + long(symbol.value) + long(symbol.size)
            strings += Array(symbol.name.utf8) + [0]
        }
        return (entries, strings)
    }

    private func half(_ value: UInt16) -> [UInt8] { little(value) }
    private func word(_ value: UInt32) -> [UInt8] { little(value) }
    private func long(_ value: UInt64) -> [UInt8] { little(value) }
    private func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }
}
