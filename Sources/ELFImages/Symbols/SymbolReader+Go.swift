/// Function names out of Go's `.gopclntab`, which even a stripped program keeps: panics and tracebacks need it.
///
/// Layouts of Go 1.16, 1.18 and 1.20 to 1.27 (`src/internal/abi/symtab.go`, `src/runtime/symtab.go`,
/// `src/debug/gosym/pclntab.go` of each release); all little-endian with 8-byte pointers:
///
///     u32 magic, u16, u8 quantum, u8 pointer size, u64 functions, u64 files, [u64 text start,] u64 offsets of the
///     names, of compilation units, of files, of pc programs, and of the function table
///     function table: an entry for each function and one for the end, of { u32 | u64 entry, u32 | u64 offset of its
///     data in the table }
///     data: u32 | u64 entry, i32 offset of the name …
struct GoNameTable {
    private let bytes: [UInt8]
    private let isOld: Bool
    private let textStart: UInt64
    private let table: Int
    /// The range of the NUL-terminated names in the table.
    let names: Range<Int>
    let count: Int

    /// A function: its virtual addresses, and its name's offset in `names`.
    struct Function {
        var range: Range<UInt64>
        var name: UInt32
    }

    /// `text` is the `.text` section, needed if the table does not state where the code starts, as in
    /// position-independent programs. Its start is trusted only if the functions fill the section.
    init?(_ bytes: [UInt8], text: ELFSection?) {
        self.bytes = bytes
        guard let magic: UInt32 = Self.load(bytes, 0), [0xFFFF_FFF1, 0xFFFF_FFF0, 0xFFFF_FFFA].contains(magic),
            let pointerSize: UInt8 = Self.load(bytes, 7), pointerSize == 8, let functions: UInt64 = Self.load(bytes, 8)
        else { return nil }
        isOld = magic == 0xFFFF_FFFA
        let offsets = isOld ? 24 : 32
        guard let names = Self.offset(bytes, offsets), let end = Self.offset(bytes, offsets + 8), names <= end,
            let table = Self.offset(bytes, offsets + 32),
            functions < UInt64((bytes.count - table) / (isOld ? 16 : 8)), let count = Int(exactly: functions)
        else { return nil }
        self.names = names..<end
        self.table = table
        self.count = count
        let stated: UInt64 = isOld ? 0 : Self.load(bytes, 24) ?? 0
        guard !isOld, stated == 0 else {
            textStart = stated
            return
        }
        // With C code before or after them in `.text`, the functions would start elsewhere.
        guard let text, let size: UInt32 = Self.load(bytes, table + 8 * count), UInt64(size) <= text.size,
            text.size - UInt64(size) < 64
        else { return nil }
        textStart = text.address
    }

    func function(_ index: Int) -> Function? {
        guard index >= 0, index < count, let start = entry(index), let end = entry(index + 1), start < end,
            let data: UInt32 = Self.load(bytes, table + index * (isOld ? 16 : 8) + (isOld ? 8 : 4)),
            let name: UInt32 = Self.load(bytes, table + Int(data) + (isOld ? 8 : 4)), Int(name) < names.count
        else { return nil }
        return Function(range: start..<end, name: name)
    }

    private func entry(_ index: Int) -> UInt64? {
        if isOld { return Self.load(bytes, table + index * 16) }
        let offset: UInt32? = Self.load(bytes, table + index * 8)
        return offset.map { textStart &+ UInt64($0) }
    }

    private static func offset(_ bytes: [UInt8], _ at: Int) -> Int? {
        guard let value: UInt64 = load(bytes, at), value < UInt64(bytes.count) else { return nil }
        return Int(value)
    }

    private static func load<Value: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int) -> Value? {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<Value>.size else { return nil }
        var value: Value = 0
        for index in (0..<MemoryLayout<Value>.size).reversed() { value = value << 8 | Value(bytes[offset + index]) }
        return value
    }
}

/// Why a Go program without a symbol table has no names.
public enum GoTableError: Hashable, Sendable {
    /// Written by Go before 1.16, whose layout differs.
    case beforeGo116
    /// The program is position-independent and was linked by the C linker: the table does not state where the functions
    /// begin.
    case withoutStart
    /// The table's layout is unknown, or it is damaged.
    case unknown

    init(ofTable bytes: [UInt8]) {
        switch bytes.prefix(4).reversed().reduce(0, { $0 << 8 | UInt32($1) }) {
        case 0xFFFF_FFFB: self = .beforeGo116
        case 0xFFFF_FFF0, 0xFFFF_FFF1:
            self = bytes.count >= 32 && !bytes[24..<32].contains { $0 != 0 } ? .withoutStart : .unknown
        default: self = .unknown
        }
    }
}

extension SymbolReader {
    /// The most functions that are read. Each takes eight bytes in the file, and about a hundred in memory.
    static let mostGoFunctions = 1 << 20

    /// The functions of a Go program without a symbol table.
    mutating func readGoFunctions(from file: borrowing ELFFile) {
        let layout = file.layout
        let found = layout.sectionIndex(named: ".gopclntab") ?? layout.sectionIndex(named: ".data.rel.ro.gopclntab")
        guard let found, let bytes = try? file.sectionBytes(at: found), !bytes.isEmpty else { return }
        guard let table = GoNameTable(bytes, text: layout.section(named: ".text")),
            let arena = list.append(name: bytes[table.names])
        else {
            goTableProblem = GoTableError(ofTable: bytes)
            return
        }
        let names = StringTable(range: arena)
        let text = layout.sectionIndex(named: ".text").flatMap { UInt32(exactly: $0) } ?? 0
        for index in 0..<table.count {
            guard list.symbols.count < Self.mostGoFunctions else {
                file.handle.budget.note(.symbols)
                return
            }
            guard let function = table.function(index),
                let (name, _) = names.name(at: function.name, in: list.names),
                name.length > 0
            else { continue }
            let section = layout.sections[Int(text)]
            list.append(
                ELFSymbol(
                    start: layout.fileOffset(ofVirtualAddress: function.range.lowerBound, section: section),
                    size: function.range.upperBound - function.range.lowerBound, name: name,
                    binding: ELFSymbol.globalBinding, type: ELFSymbol.functionType, origin: .goFunctionTable,
                    section: text))
        }
    }
}
