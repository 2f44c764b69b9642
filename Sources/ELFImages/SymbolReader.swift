internal import CLibELF
internal import Glibc

/// Collects the symbols that can name code from the tables of one image.
///
/// Which symbols count, and that they are kept as file offsets, is what perf does (tools/perf/util/symbol-elf.c), so
/// that both of our views start from the same list.
struct SymbolReader {
    /// The layout of the file that was mapped; a separate debug file has the sections but not their contents.
    let layout: ELFLayout
    var list = SymbolList()
    var goTableProblem: GoTableProblem?

    init(layout: ELFLayout) { self.layout = layout }

    mutating func readSymbolTable(from file: borrowing ELFFile) {
        read(file, section: ".symtab", type: UInt32(SHT_SYMTAB), origin: .symbolTable)
    }

    mutating func readDynamicSymbolTable(from file: borrowing ELFFile) {
        read(file, section: ".dynsym", type: UInt32(SHT_DYNSYM), origin: .dynamicSymbolTable)
    }

    mutating func read(
        _ file: borrowing ELFFile, section name: String, type: UInt32, origin: ELFSymbol.Origin
    ) {
        guard let index = file.layout.sectionIndex(named: name), file.layout.sections[index].type == type,
            let data = try? unsafe file.sectionData(at: index),
            let arena = appendNames(of: file, section: Int(file.layout.sections[index].link))
        else { return }
        var number: Int32 = 0
        var symbol = GElf_Sym()
        while unsafe gelf_getsym(data, number, &symbol) != nil {
            number &+= 1
            if let name = arena.name(at: symbol.st_name, in: list.names) {
                append(symbol, name: name, sections: file.layout.sections, origin: origin)
            }
            if number == .max { break }
        }
    }

    /// Copies a string table into the arena.
    private mutating func appendNames(of file: borrowing ELFFile, section: Int) -> StringTable? {
        guard let bytes = try? file.sectionBytes(at: section), let range = list.append(name: bytes) else { return nil }
        return StringTable(range: range)
    }

    private mutating func append(
        _ symbol: GElf_Sym, name: NameRange, sections: [ELFSection], origin: ELFSymbol.Origin
    ) {
        let type = symbol.st_info & 0xF
        let visibility = symbol.st_other & 3
        let isNamed = symbol.st_name != 0 && symbol.st_shndx != UInt16(SHN_UNDEF)
        guard isNamed, symbol.st_shndx < UInt16(SHN_LORESERVE) else { return }
        let isLabel = type == ELFSymbol.noType && visibility != UInt8(STV_HIDDEN) && visibility != UInt8(STV_INTERNAL)
        switch type {
        case ELFSymbol.functionType, ELFSymbol.indirectFunctionType, ELFSymbol.objectType: break
        case ELFSymbol.noType where isLabel: break
        default: return
        }
        guard !isMappingSymbol(name) else { return }
        let number = Int(symbol.st_shndx)
        guard number < sections.count else { return }
        var section = sections[number]
        guard section.isAllocated else { return }
        // A debug file keeps the headers of sections whose contents it lacks; their offsets mean nothing there.
        if section.type == UInt32(SHT_NOBITS), number < layout.sections.count { section = layout.sections[number] }
        if isLabel, !section.name.contains("text"), !section.name.contains("data") { return }
        var address = symbol.st_value
        // The low bit of an ARM function marks Thumb code.
        if layout.machine == UInt16(EM_ARM), type == ELFSymbol.functionType { address &= ~1 }
        list.append(
            ELFSymbol(
                start: layout.fileOffset(ofVirtualAddress: address, section: section), size: symbol.st_size, name: name,
                binding: symbol.st_info >> 4, type: type, origin: origin, section: UInt32(number)))
    }

    /// `$a`, `$d`, `$t` and `$x` mark code and data on ARM; they are not unique and name nothing.
    private func isMappingSymbol(_ name: NameRange) -> Bool {
        guard layout.machine == UInt16(EM_ARM) || layout.machine == UInt16(EM_AARCH64) else { return false }
        let bytes = list.name(name)
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "$") else { return false }
        let second = bytes[bytes.startIndex + 1]
        return "adtx".utf8.contains(second) && (bytes.count == 2 || bytes[bytes.startIndex + 2] == UInt8(ascii: "."))
    }
}

/// A string table that was copied into the arena.
struct StringTable {
    let range: NameRange

    /// The NUL-terminated string at an offset of the table; `nil` outside it.
    func name(at offset: UInt32, in names: [UInt8]) -> NameRange? {
        guard offset < range.length else { return nil }
        let table = range.indices(in: names.count)
        let start = table.lowerBound + Int(offset)
        guard start < table.upperBound else { return nil }
        let end = names[start..<table.upperBound].firstIndex(of: 0) ?? table.upperBound
        guard let length = UInt32(exactly: end - start) else { return nil }
        return NameRange(offset: range.offset + offset, length: length)
    }
}
