internal import CLibDW
internal import CLibELF

/// The part of a unit that the compiler put into a separate file (`.dwo`, DWARF 5 section 7.3.2). It is found and
/// opened here because libdw would open any path that a program names, and would block on a FIFO. Its addresses are in
/// the program's file, so they are resolved here, too.
@safe
final class SplitUnit {
    let dwarf: OpaquePointer
    private let file: ELFFile
    /// Offset of the unit's entry in `.debug_info.dwo`.
    let entry: UInt64
    private let addresses: SplitAddresses

    /// The split part of a skeleton unit: from the program's package, or from the file that the skeleton names. `nil`
    /// if none is found that belongs to the same build.
    static func find(
        of unit: inout Dwarf_Die, in program: borrowing ELFFile, _ package: SplitPackage?, directory: [UInt8],
        name: [UInt8]
    ) -> SplitUnit? {
        var identifier: UInt64 = 0
        guard unsafe dwarf_cu_info(unit.cu, nil, nil, nil, nil, &identifier, nil, nil) == 0 else { return nil }
        if let file = package?.unit(identifier), let part = unsafe SplitUnit(identifier, of: &unit, in: program, file) {
            return part
        }
        for path in paths(program, directory, name) {
            guard let file = try? ELFFile(path: path), file.debugSize() != nil,
                let readable = ELFFile.readableDebugInformation(of: file),
                let part = unsafe SplitUnit(identifier, of: &unit, in: program, readable)
            else { continue }
            return part
        }
        return nil
    }

    private init?(
        _ identifier: UInt64, of unit: inout Dwarf_Die, in program: borrowing ELFFile, _ file: consuming ELFFile
    ) {
        guard let dwarf = unsafe dwarf_begin_elf(file.handle.elf, DWARF_C_READ, nil) else { return nil }
        guard let entry = unsafe Self.entry(dwarf, identifier) else {
            unsafe dwarf_end(dwarf)
            return nil
        }
        unsafe self.dwarf = unsafe dwarf
        self.entry = entry
        addresses = unsafe SplitAddresses(&unit, program, file)
        self.file = consume file
    }

    deinit { unsafe dwarf_end(dwarf) }

    /// Calls `body` with each address range of an entry.
    func forEachRange(of die: inout Dwarf_Die, _ body: (Range<UInt64>) -> Void) {
        unsafe addresses.forEachRange(of: &die, body)
    }

    /// Candidate paths of a `.dwo`: next to the program, or in the compilation directory.
    private static func paths(_ program: borrowing ELFFile, _ directory: [UInt8], _ name: [UInt8]) -> [String] {
        let slash = UInt8(ascii: "/")
        guard !name.isEmpty, name.count < 4096, directory.count < 4096 else { return [] }
        let text = String(decoding: name, as: UTF8.self)
        guard name[0] != slash else { return [text] }
        let beside = program.handle.path.flatMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } }
        let place = String(decoding: directory, as: UTF8.self)
        var paths = beside.map { [$0 + "/" + text] } ?? []
        if directory.first == slash {
            paths.append(place + "/" + text)
        } else if let beside, !directory.isEmpty {
            paths.append(beside + "/" + place + "/" + text)
        }
        return paths
    }

    /// The entry of the split unit with this identifier: a `.dwo` has one compilation unit, and may have type units.
    private static func entry(_ dwarf: OpaquePointer, _ identifier: UInt64) -> UInt64? {
        var (unit, next): (OpaquePointer?, OpaquePointer?)
        var die = unsafe Dwarf_Die()
        var left = 1 << 16
        while unsafe dwarf_get_units(dwarf, unit, &next, nil, nil, &die, nil) == 0, left > 0 {
            left -= 1
            unsafe unit = next
            var (kind, found): (UInt8, UInt64) = (0, 0)
            guard unsafe dwarf_cu_info(next, nil, &kind, nil, nil, &found, nil, nil) == 0 else { continue }
            if kind == UInt8(DW_UT_split_compile), found == identifier { return unsafe dwarf_dieoffset(&die) }
        }
        return nil
    }
}
