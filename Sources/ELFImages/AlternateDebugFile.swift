internal import CLibDW
internal import CLibELF

/// The file that several programs' debug information shares (`.gnu_debugaltlink`, dwz(1)), found and opened here: libdw would open
/// whatever a program names.
@safe
final class AlternateDebugFile {
    private let dwarf: OpaquePointer
    private let file: ELFFile

    /// `nil` where `main` needs none.
    init?(for main: OpaquePointer, of program: borrowing ELFFile) {
        guard let bytes = try? program.contents(ofSection: ".gnu_debugaltlink") else { return nil }
        let name = Array(bytes.prefix(4096).prefix { $0 != 0 })
        let found = Self.open(String(decoding: name, as: UTF8.self), Array(bytes.dropFirst(name.count + 1)), program)
        // With none set, libdw would look for it.
        guard let file = found ?? (try? ELFFile(bytes: Self.nothing)),
            let dwarf = unsafe dwarf_begin_elf(file.handle.elf, DWARF_C_READ, nil)
        else { return nil }
        unsafe self.dwarf = unsafe dwarf
        self.file = consume file
        unsafe dwarf_setalt(main, dwarf)
    }

    deinit { unsafe dwarf_end(dwarf) }

    /// Of the build that the program names.
    private static func open(_ name: String, _ buildID: [UInt8], _ program: borrowing ELFFile) -> ELFFile? {
        guard !name.isEmpty, buildID.count > 1, buildID.count <= 64 else { return nil }
        let digits = buildID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        var paths = ["/usr/lib/debug/.build-id/\(digits[0])/\(digits.dropFirst().joined()).debug"]
        if name.hasPrefix("/") {
            paths.insert(name, at: 0)
        } else if let path = program.handle.path, let slash = path.lastIndex(of: "/") {
            paths.insert(path[...slash] + name, at: 0)
        }
        for path in paths {
            guard let file = try? ELFFile(path: path), file.layout.buildID == buildID, file.debugSize() != nil else {
                continue
            }
            return file
        }
        return nil
    }

    /// An ELF file of nothing but an empty `.debug_frame`, without which libdw takes none.
    private static let nothing: [UInt8] = {
        let names = Array("\0.debug_frame\0.shstrtab\0".utf8)
        func little(_ values: [(UInt64, Int)]) -> [UInt8] {
            values.flatMap { value, size in (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }
        }
        let sectionHeaders = UInt64(64 + 8 + 24)
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        bytes += little([(3, 2), (62, 2), (1, 4), (0, 8), (0, 8), (sectionHeaders, 8), (0, 4)])
        bytes += little([(64, 2), (0, 2), (0, 2), (64, 2), (3, 2), (2, 2)])
        bytes += [UInt8](repeating: 0, count: 8) + names
        bytes += [UInt8](repeating: 0, count: Int(sectionHeaders) - bytes.count + 64)
        func section(_ name: UInt64, _ type: UInt64, _ offset: UInt64, _ size: UInt64) -> [UInt8] {
            little([(name, 4), (type, 4), (0, 8), (0, 8), (offset, 8), (size, 8), (0, 4), (0, 4), (1, 8), (0, 8)])
        }
        return bytes + section(1, 1, 64, 8) + section(14, 3, 72, UInt64(names.count))
    }()
}
