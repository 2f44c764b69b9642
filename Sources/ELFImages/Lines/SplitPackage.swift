internal import CLibELF

/// Split units that dwp(1) collected into one file next to the program (`.dwp`, DWARF 5 section 7.3.5, and the GNU
/// extension in DWARF 4). The package is opened here and each unit is passed to libdw as a `.dwo`: libdw itself
/// supports packages only from elfutils 0.191 on, and would open the file itself.
@safe
final class SplitPackage {
    private let file: ELFFile
    private let index: DebugSection
    private let isOld: Bool
    private let columns: Int
    private let units: Int
    private let slots: Int
    /// The section that each column of the index refers to.
    private var sections: [Int: String] = [:]

    /// Version, and the counts of columns, units and slots.
    private static let headerSize = 16
    private static let mostColumns = 16

    /// DW_SECT_* of DWARF 5, table 7.1, and of GNU's version 2 (`true`). Sections that hold neither names nor addresses
    /// of functions are omitted.
    private static let names = [
        false: [1: ".debug_info.dwo", 3: ".debug_abbrev.dwo", 6: ".debug_str_offsets.dwo", 8: ".debug_rnglists.dwo"],
        true: [1: ".debug_info.dwo", 3: ".debug_abbrev.dwo", 6: ".debug_str_offsets.dwo"],
    ]

    /// Opens the first readable package among the paths.
    static func open(_ paths: [String]) -> SplitPackage? {
        for path in paths {
            guard let file = try? ELFFile(path: path), file.debugSize() != nil,
                let readable = ELFFile.readableDebugInformation(of: file), let package = SplitPackage(readable)
            else { continue }
            return package
        }
        return nil
    }

    private init?(_ file: consuming ELFFile) {
        for (number, section) in file.layout.sections.enumerated() where section.flags & UInt64(SHF_COMPRESSED) != 0 {
            guard file.decompress(number) else { return nil }
        }
        let index = DebugSection(file, ".debug_cu_index")
        var place = 0
        guard let version = index.load(&place, 4), version == 2 || version == 5,
            let columns = index.load(&place, 4).flatMap(Int.init(exactly:)), columns <= Self.mostColumns,
            let units = index.load(&place, 4).flatMap(Int.init(exactly:)),
            let slots = index.load(&place, 4).flatMap(Int.init(exactly:)),
            // A power of two, so that the low bits of a hash select the slot.
            slots > 0, slots & (slots - 1) == 0, units <= slots, slots <= index.count / 12
        else { return nil }
        isOld = version == 2
        self.columns = columns
        self.units = units
        self.slots = slots
        self.index = index
        self.file = consume file
        var column = Self.headerSize + slots * 12
        for number in 0..<columns {
            guard let kind = index.load(&column, 4).flatMap(Int.init(exactly:)) else { return nil }
            sections[number] = Self.names[isOld]?[kind]
        }
    }

    /// The contributions to the unit with this identifier, as an ELF file of their own; `nil` if the package lacks the
    /// unit.
    func unit(_ identifier: UInt64) -> ELFFile? {
        guard let row = row(of: identifier) else { return nil }
        var parts: [(name: String, start: Int, size: Int)] = []
        for (column, name) in sections {
            let table = Self.headerSize + slots * 12 + columns * 4
            var offset = table + ((row - 1) * columns + column) * 4
            var size = table + ((units + row - 1) * columns + column) * 4
            guard let start = index.load(&offset, 4), let count = index.load(&size, 4) else { return nil }
            if count > 0 { parts.append((name, Int(start), Int(count))) }
        }
        let all = parts.map { DebugSection(file, $0.name) }
        for (part, section) in zip(parts, all) {
            guard part.start <= section.count, part.size <= section.count - part.start else { return nil }
        }
        var form = SectionFile(
            is64Bit: file.layout.is64Bit, machine: file.layout.machine,
            sections: parts.map { SectionFile.Section(name: $0.name, size: $0.size) })
        let list = parts.first { $0.name == ".debug_str_offsets.dwo" }
        let strings = list.flatMap { self.strings(at: $0.start, $0.size) }
        if let strings { form.sections.append(SectionFile.Section(name: ".debug_str.dwo", size: strings.texts.count)) }
        return unsafe form.file(path: file.handle.path) { number, buffer in
            if number == parts.count { unsafe buffer.copyBytes(from: strings?.texts ?? []) }
            guard number < parts.count else { return true }
            if let strings, parts[number].name == ".debug_str_offsets.dwo" {
                unsafe buffer.copyBytes(from: strings.offsets)
                return true
            }
            return unsafe all[number].copy(from: parts[number].start, into: buffer)
        }
    }

    /// The row of a unit in the index, counted from 1.
    private func row(of identifier: UInt64) -> Int? {
        let mask = UInt64(slots - 1)
        var slot = identifier & mask
        for _ in 0..<slots {
            var (place, entry) = (Self.headerSize + Int(slot) * 8, Self.headerSize + slots * 8 + Int(slot) * 4)
            guard let found = index.load(&place, 8), let row = index.load(&entry, 4), row > 0, row <= UInt64(units)
            else {
                return nil
            }
            if found == identifier { return Int(row) }
            slot = (slot &+ (identifier >> 32 & mask | 1)) & mask
        }
        return nil
    }

    /// A unit's string offsets, rewritten to a table of only the strings it uses: the package's whole string table
    /// would otherwise be copied for each unit.
    private func strings(at start: Int, _ size: Int) -> (offsets: [UInt8], texts: [UInt8])? {
        let list = DebugSection(file, ".debug_str_offsets.dwo", from: start)
        let all = DebugSection(file, ".debug_str.dwo")
        var place = 0
        let isWide = !isOld && list.load(&place, 4) == UInt64(UInt32.max)
        let header = isOld ? 0 : isWide ? 16 : 8
        let entry = isWide ? 8 : 4
        guard size >= header, size <= list.count else { return nil }
        place = 0
        var offsets: [UInt8] = []
        for _ in 0..<header { offsets.append(UInt8(truncatingIfNeeded: list.load(&place, 1) ?? 0)) }
        var texts: [UInt8] = [0]
        var known: [UInt64: Int] = [:]
        // Strings may share tails, but no linker shares more than this.
        let most = all.count * 4 + 1
        while place <= size - entry, let offset = list.load(&place, entry) {
            let new: Int
            if let found = known[offset] {
                new = found
            } else {
                guard let text = Int(exactly: offset).flatMap(all.text(at:)), text.count < most - texts.count else {
                    return nil
                }
                new = texts.count
                texts += text + [0]
                known[offset] = new
            }
            for byte in 0..<entry { offsets.append(UInt8(truncatingIfNeeded: new >> (8 * byte))) }
        }
        guard offsets.count == size else { return nil }
        return (offsets, texts)
    }
}
