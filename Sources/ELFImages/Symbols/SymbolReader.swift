internal import CLibELF
internal import Glibc

/// Collects the symbols that can name code from the tables of one image.
///
/// The choice of symbols and their conversion to file offsets follow perf (tools/perf/util/symbol-elf.c), so that both
/// views start from the same list.
struct SymbolReader {
    /// The layout of the mapped file; a separate debug file has the sections but not their contents.
    let layout: ELFLayout
    var list = SymbolList()
    var goTableProblem: GoTableError?
    private var hasLongNames = false

    /// The most symbols of one image. The largest count observed is 306,386, in lldb.
    static let mostSymbols = 1 << 22

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
        defer { if hasLongNames { file.handle.budget.note(.longNames) } }
        let facts = file.layout.sections.map(SectionFacts.init)
        var number: Int32 = 0
        var symbol = GElf_Sym()
        while unsafe gelf_getsym(data, number, &symbol) != nil {
            number &+= 1
            guard list.symbols.count < Self.mostSymbols else {
                file.handle.budget.note(.symbols)
                return
            }
            append(symbol, arena, facts, file.layout.sections, origin: origin)
            if number == .max { break }
        }
    }

    /// The section properties checked for every symbol, without strings, whose reference counting would cost time.
    private struct SectionFacts {
        let isAllocated: Bool
        let isWithoutContents: Bool
        /// Whether labels (STT_NOTYPE) in it count as symbols.
        let hasLabels: Bool

        init(_ section: ELFSection) {
            isAllocated = section.isAllocated
            isWithoutContents = section.type == UInt32(SHT_NOBITS)
            hasLabels = section.name.contains("text") || section.name.contains("data")
        }
    }

    /// Copies a string table into the arena, straight from the file if possible: libelf would keep its own copy in
    /// memory while the file is open, and a large program has a hundred megabytes of names.
    private mutating func appendNames(of file: borrowing ELFFile, section: Int) -> StringTable? {
        var range: NameRange?
        if let contents = try? file.range(ofSection: section) {
            guard file.handle.budget.take(UInt64(contents.count), for: file.layout.sections[section].name) else {
                return nil
            }
            range = unsafe list.append(count: contents.count) {
                unsafe file.handle.read(from: contents.lowerBound, into: $0)
            }
        }
        if let range { return StringTable(range: range) }
        try? unsafe file.withSection(at: section) { range = unsafe list.append(name: $0) }
        return range.map(StringTable.init)
    }

    /// Reserves room for all names of a file: growing the arena copies it, and takes twice the memory meanwhile.
    mutating func reserveNames(of file: borrowing ELFFile) {
        // PLT entries repeat the names of dynamic symbols, once in relocation order and once by slot.
        let size = Self.nameSize(file, ".symtab") + 4 * Self.nameSize(file, ".dynsym")
        list.names.reserveCapacity(min(size, Self.mostReserved))
    }

    /// The most that is reserved, in bytes.
    private static let mostReserved = 1 << 29

    private static func nameSize(_ file: borrowing ELFFile, _ name: String) -> Int {
        guard let section = file.layout.section(named: name) else { return 0 }
        return (try? file.range(ofSection: Int(section.link)))?.count ?? 0
    }

    private mutating func append(
        _ symbol: GElf_Sym, _ arena: StringTable, _ facts: [SectionFacts], _ sections: [ELFSection],
        origin: ELFSymbol.Origin
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
        let number = Int(symbol.st_shndx)
        guard number < facts.count, facts[number].isAllocated,
            let (name, isCut) = arena.name(at: symbol.st_name, in: list.names), !isMappingSymbol(name)
        else { return }
        if isCut { hasLongNames = true }
        // A debug file keeps the headers of sections whose contents it lacks; their offsets mean nothing there.
        let isInDebugFile = facts[number].isWithoutContents && number < layout.sections.count
        if isLabel, !(isInDebugFile ? SectionFacts(layout.sections[number]) : facts[number]).hasLabels { return }
        var address = symbol.st_value
        // The low bit of an ARM function marks Thumb code.
        if layout.machine == UInt16(EM_ARM), type == ELFSymbol.functionType { address &= ~1 }
        list.append(
            ELFSymbol(
                start: layout.fileOffset(ofVirtualAddress: address) {
                    isInDebugFile ? layout.sections[number] : sections[number]
                }, size: symbol.st_size, name: name, binding: symbol.st_info >> 4, type: type, origin: origin,
                section: UInt32(number)))
    }

    /// `$a`, `$d`, `$t` and `$x` mark ranges of code and data on ARM; they are not unique and name no function.
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

    /// In bytes; longer names are cut. The longest observed has 1,897, in lldb.
    static let longestName = 4096

    /// The NUL-terminated string at an offset of the table, cut at `longestName`; `nil` outside the table.
    func name(at offset: UInt32, in names: [UInt8]) -> (name: NameRange, isCut: Bool)? {
        guard offset < range.length else { return nil }
        let table = range.indices(in: names.count)
        let start = table.lowerBound + Int(offset)
        guard start < table.upperBound else { return nil }
        // A large program has tens of megabytes of names: strnlen(3) scans them a vector at a time.
        let length = unsafe names[start..<table.upperBound].withUnsafeBytes { bytes in
            let most = min(bytes.count, Self.longestName + 1)
            return unsafe bytes.baseAddress.map { unsafe strnlen($0.assumingMemoryBound(to: CChar.self), most) } ?? 0
        }
        let isCut = length > Self.longestName
        guard let length = UInt32(exactly: min(length, Self.longestName)) else { return nil }
        return (NameRange(offset: range.offset + offset, length: length), isCut)
    }
}
