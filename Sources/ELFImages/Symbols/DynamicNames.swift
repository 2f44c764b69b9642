internal import CLibELF
internal import Glibc

/// Names for the stubs of the procedure linkage table, which are in no symbol table: `name@plt`.
extension SymbolReader {
    mutating func readPLT(from file: borrowing ELFFile) {
        guard let table = try? DynamicNames(file) else { return }
        let mostNames = list.names.count + Self.mostStubNames + 4 * table.size
        defer { if list.names.count + StringTable.longestName > mostNames { file.handle.budget.note(.symbols) } }
        readRelocationOrder(file, table, mostNames)
        readSlots(file, table, mostNames)
    }

    /// Bytes of stub names allowed, in addition to four times the size of all dynamic symbols' names.
    private static let mostStubNames = 1 << 20

    /// As perf does: the entries of `.plt` after its header are in the order of the relocations.
    private mutating func readRelocationOrder(_ file: borrowing ELFFile, _ table: DynamicNames, _ mostNames: Int) {
        let sections = layout.sections
        guard let index = layout.sectionIndex(named: ".rela.plt") ?? layout.sectionIndex(named: ".rel.plt"),
            Int(sections[index].link) == table.sectionIndex, let plt = layout.sectionIndex(named: ".plt")
        else { return }
        let (header, entry): (UInt64, UInt64) =
            switch Int32(layout.machine) {
            case EM_ARM: (20, 12)
            case EM_AARCH64: (32, 16)
            default: (sections[plt].entrySize, sections[plt].entrySize)
            }
        var offset = sections[plt].fileOffset &+ header
        file.forEachRelocation(inSection: index) { relocation in
            append(stub: table.name(relocation.symbol), at: offset, size: entry, section: plt, origin: .plt, mostNames)
            offset &+= entry
        }
    }

    /// More exact, x86-64 only: every stub is `jmp *slot(%rip)`, and a relocation gives the slot's symbol.
    private mutating func readSlots(_ file: borrowing ELFFile, _ table: DynamicNames, _ mostNames: Int) {
        guard layout.machine == UInt16(EM_X86_64), layout.is64Bit else { return }
        var stubs: [Stub] = []
        for name in [".plt", ".plt.sec", ".plt.got"] {
            guard let index = layout.sectionIndex(named: name),
                let bytes = try? file.sectionBytes(at: index)
            else { continue }
            let section = layout.sections[index]
            let size = (8...64).contains(section.entrySize) ? Int(section.entrySize) : name == ".plt.got" ? 8 : 16
            for start in stride(from: 0, to: bytes.count, by: size) {
                let entry = bytes[start..<min(start + size, bytes.count)]
                guard let slot = Self.slot(of: entry, at: section.address &+ UInt64(start)) else { continue }
                stubs.append(
                    Stub(
                        slot: slot, offset: section.fileOffset &+ UInt64(start), size: UInt64(size), section: index))
            }
        }
        guard let lowest = stubs.lazy.map(\.slot).min(), let highest = stubs.lazy.map(\.slot).max() else { return }
        // Only slots that stubs use are kept: a program has far more relocations.
        var symbolOfSlot: [UInt64: Int] = [:]
        for (index, section) in layout.sections.enumerated()
        where section.type == UInt32(SHT_RELA) && Int(section.link) == table.sectionIndex {
            file.forEachRelocation(inSection: index) { relocation in
                guard relocation.offset >= lowest, relocation.offset <= highest else { return }
                symbolOfSlot[relocation.offset] = relocation.symbol
            }
        }
        for stub in stubs {
            guard let symbol = symbolOfSlot[stub.slot] else { continue }
            append(
                stub: table.name(symbol), at: stub.offset, size: stub.size, section: stub.section, origin: .pltSlot,
                mostNames)
        }
    }

    /// A stub: code that jumps through a slot of the global offset table.
    private struct Stub {
        var slot: UInt64
        /// File offset of the code.
        var offset: UInt64
        var size: UInt64
        var section: Int
    }

    /// The address of the slot that a stub jumps through: the operand of its first `ff 25`.
    private static func slot(of entry: ArraySlice<UInt8>, at address: UInt64) -> UInt64? {
        var index = entry.startIndex
        while index + 6 <= entry.endIndex {
            if entry[index] == 0xFF, entry[index + 1] == 0x25 {
                var displacement: UInt32 = 0
                for byte in entry[(index + 2)..<(index + 6)].reversed() {
                    displacement = displacement << 8 | UInt32(byte)
                }
                let next = address &+ UInt64(index + 6 - entry.startIndex)
                return next &+ UInt64(bitPattern: Int64(Int32(bitPattern: displacement)))
            }
            index += 1
        }
        return nil
    }

    private mutating func append(
        stub name: ArraySlice<UInt8>, at offset: UInt64, size: UInt64, section: Int, origin: ELFSymbol.Origin,
        _ mostNames: Int
    ) {
        // A real symbol has one or two stubs, but a hostile file may give one long name to any number of them.
        guard list.names.count + name.count <= mostNames,
            let range = list.append(name: Array(name) + Array("@plt".utf8))
        else { return }
        list.append(
            ELFSymbol(
                start: offset, size: size, name: range, binding: ELFSymbol.globalBinding, type: ELFSymbol.functionType,
                origin: origin, section: UInt32(section)))
    }
}

/// The names of `.dynsym`, by symbol number.
private struct DynamicNames {
    let sectionIndex: Int
    private let nameOffsets: [UInt32]
    private let strings: [UInt8]
    var size: Int { strings.count }

    init?(_ file: borrowing ELFFile) throws(ELFError) {
        guard let index = file.layout.sectionIndex(named: ".dynsym"),
            file.layout.sections[index].type == UInt32(SHT_DYNSYM), let data = try unsafe file.sectionData(at: index),
            let strings = try file.sectionBytes(at: Int(file.layout.sections[index].link))
        else { return nil }
        sectionIndex = index
        self.strings = strings
        var offsets: [UInt32] = []
        var symbol = GElf_Sym()
        while let number = Int32(exactly: offsets.count), unsafe gelf_getsym(data, number, &symbol) != nil {
            offsets.append(symbol.st_name)
        }
        nameOffsets = offsets
    }

    func name(_ number: Int) -> ArraySlice<UInt8> {
        guard number < nameOffsets.count, Int(nameOffsets[number]) < strings.count else { return [] }
        return strings[Int(nameOffsets[number])...].prefix(StringTable.longestName).prefix { $0 != 0 }
    }
}

extension ELFFile {
    /// Calls `body` with each relocation of a section: the address of the slot that it fills, and the number of its
    /// symbol.
    fileprivate func forEachRelocation(
        inSection index: Int, _ body: (_ relocation: (offset: UInt64, symbol: Int)) -> Void
    ) {
        guard let data = try? unsafe sectionData(at: index) else { return }
        var number: Int32 = 0
        if layout.sections[index].type == UInt32(SHT_RELA) {
            var relocation = GElf_Rela()
            while unsafe gelf_getrela(data, number, &relocation) != nil, number < .max {
                body((relocation.r_offset, Int(relocation.r_info >> 32)))
                number &+= 1
            }
        } else if layout.sections[index].type == UInt32(SHT_REL) {
            var relocation = GElf_Rel()
            while unsafe gelf_getrel(data, number, &relocation) != nil, number < .max {
                body((relocation.r_offset, Int(relocation.r_info >> 32)))
                number &+= 1
            }
        }
    }
}
