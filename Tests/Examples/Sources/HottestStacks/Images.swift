import ELFImages
import ImageFiles
import Unwinding

/// The files that were mapped, by number: their symbols, and what unwinding needs of them.
final class Images {
    var paths: [String] = []
    private var tables: [Int32: SymbolTable] = [:]

    /// The function at an offset in the file.
    func name(_ image: Int32, fileOffset: UInt64) -> String? {
        let table = tables[image] ?? read(image)
        tables[image] = table
        return table.index(containing: fileOffset).map { String(decoding: table.name(at: $0), as: UTF8.self) }
    }

    private func open(_ image: Int32) -> ELFFile? {
        let path = paths[Int(image)]
        // The kernel's own page of code, which is in no file: right where the recording is of this machine.
        if path == "[vdso]" { return VirtualDSO.bytesOfThisMachine().flatMap { try? ELFFile(bytes: $0) } }
        return try? ELFFile(path: path)
    }

    private func read(_ image: Int32) -> SymbolTable {
        guard let file = open(image) else { return SymbolTable() }
        return SymbolTable(of: file)
    }

    func unwindImage(_ image: Int32) -> UnwindImage? {
        guard let file = open(image) else { return nil }
        return UnwindImage(architecture: .x86_64, sections: UnwindSections(file), name: paths[Int(image)])
    }
}
