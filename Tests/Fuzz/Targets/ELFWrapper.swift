import ByteAccess
import PerfRecords

/// The least ELF file that bytes can be a section of.
enum ELFWrapper {
    /// A stripped x86-64 program with `.text` at 0x1000 and the bytes as `.gopclntab`.
    static func goProgram(table: [UInt8]) -> [UInt8] {
        let names = Array("\0.text\0.gopclntab\0.shstrtab\0".utf8)
        let text = 64
        let textSize = 64
        let tableStart = text + textSize
        let namesStart = tableStart + table.count
        var sectionStart = namesStart + names.count
        sectionStart += -sectionStart & 7
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        for half in [2, 62] as [UInt16] { file.store(half) }
        file.store(UInt32(1))
        for long in [0x1000, 0, UInt64(sectionStart)] { file.store(long) }
        file.store(UInt32(0))
        for half in [64, 56, 0, 64, 4, 3] as [UInt16] { file.store(half) }
        file += [UInt8](repeating: 0x90, count: textSize) + table + names
        file.pad(to: 8)
        section(name: 0, type: 0, flags: 0, address: 0, 0, 0, &file)
        section(name: 1, type: 1, flags: 6, address: 0x1000, text, textSize, &file)
        section(name: 7, type: 1, flags: 2, address: 0x9000, tableStart, table.count, &file)
        section(name: 18, type: 3, flags: 0, address: 0, namesStart, names.count, &file)
        return file
    }

    private static func section(
        name: UInt32, type: UInt32, flags: UInt64, address: UInt64, _ offset: Int, _ size: Int, _ file: inout [UInt8]
    ) {
        file.store(name)
        file.store(type)
        for long in [flags, address, UInt64(offset), UInt64(size), 0, 1, 0] { file.store(long) }
    }
}
