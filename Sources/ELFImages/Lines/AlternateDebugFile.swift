internal import CLibDW
internal import CLibELF

/// The supplementary debug file that dwz(1) makes for several programs to share (`.gnu_debugaltlink`, or `.debug_sup`
/// of DWARF 5, section 7.3.6). It is found and opened here because libdw would open any path that a program names.
@safe
final class AlternateDebugFile {
    private let dwarf: OpaquePointer
    private let file: ELFFile
    /// The file that the program names, if it was not found; otherwise `nil`.
    let missing: String?

    /// How a supplementary file is matched to the program that names it.
    private enum Identity {
        case buildID([UInt8])
        /// Stored in both files.
        case checksum([UInt8])
    }

    /// `nil` if `main` names no supplementary file, or libdw cannot read it.
    init?(for main: OpaquePointer, of program: borrowing ELFFile) {
        let name: [UInt8]
        let identity: Identity
        if let bytes = try? program.contents(ofSection: ".gnu_debugaltlink") {
            name = Array(bytes.prefix(Self.longestName).prefix { $0 != 0 })
            identity = .buildID(Array(bytes.dropFirst(name.count + 1)))
        } else if let link = SupplementaryLink(of: program), !link.isSupplementary {
            name = link.name
            identity = .checksum(link.checksum)
        } else {
            return nil
        }
        let text = String(decoding: name, as: UTF8.self)
        let found = Self.open(text, identity, program)
        let isFound: Bool
        switch found {
        case .none: isFound = false
        case .some: isFound = true
        }
        missing = isFound ? nil : text
        // An empty file stands in for a missing one: with none set, libdw would search for it itself.
        guard let file = found ?? Self.nothing(), let dwarf = unsafe dwarf_begin_elf(file.handle.elf, DWARF_C_READ, nil)
        else { return nil }
        unsafe self.dwarf = unsafe dwarf
        self.file = consume file
        unsafe dwarf_setalt(main, dwarf)
    }

    deinit { unsafe dwarf_end(dwarf) }

    private static let longestName = 4096

    /// Opens the first candidate file that matches `identity` and is small enough to read.
    private static func open(_ name: String, _ identity: Identity, _ program: borrowing ELFFile) -> ELFFile? {
        guard !name.isEmpty else { return nil }
        var paths: [String] = []
        if name.hasPrefix("/") {
            paths.append(name)
        } else if let path = program.handle.path, let slash = path.lastIndex(of: "/") {
            paths.append(path[...slash] + name)
        }
        if case .buildID(let buildID) = identity {
            guard buildID.count > 1, buildID.count <= 64 else { return nil }
            let digits = buildID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            paths.append("/usr/lib/debug/.build-id/\(digits[0])/\(digits.dropFirst().joined()).debug")
        }
        for path in paths {
            guard let file = try? ELFFile(path: path), isNamed(identity, file), file.debugSize() != nil,
                let readable = ELFFile.readableDebugInformation(of: file)
            else { continue }
            return readable
        }
        return nil
    }

    private static func isNamed(_ identity: Identity, _ file: borrowing ELFFile) -> Bool {
        switch identity {
        case .buildID(let buildID): return file.layout.buildID == buildID
        case .checksum(let checksum):
            guard let own = SupplementaryLink(of: file) else { return false }
            return own.isSupplementary && own.checksum == checksum
        }
    }

    /// A file with nothing but a zero-filled `.debug_frame`: libdw rejects files without any debug section.
    private static func nothing() -> ELFFile? {
        let form = SectionFile(machine: 62, sections: [SectionFile.Section(name: ".debug_frame", size: 8)])
        return unsafe form.file(path: nil) { _, _ in true }
    }
}

/// `.debug_sup`.
private struct SupplementaryLink {
    /// Whether this is the supplementary file itself, not one that refers to it.
    var isSupplementary: Bool
    var name: [UInt8]
    var checksum: [UInt8]

    /// The largest section that is read, in bytes.
    private static let longest = 8192

    init?(of file: borrowing ELFFile) {
        guard let bytes = try? file.contents(ofSection: ".debug_sup"), bytes.count <= Self.longest, bytes.count > 4,
            bytes[0] == 5, bytes[1] == 0
        else { return nil }
        isSupplementary = bytes[2] == 1
        name = Array(bytes[3...].prefix { $0 != 0 })
        // The checksum's length is a LEB128 number, which takes one byte in practice.
        let place = 3 + name.count + 1
        guard place < bytes.count, bytes[place] > 0, bytes[place] < 128, bytes.count - place > bytes[place] else {
            return nil
        }
        checksum = Array(bytes[(place + 1)...].prefix(Int(bytes[place])))
    }
}
