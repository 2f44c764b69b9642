import ELFImages
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

    private func read(_ image: Int32) -> SymbolTable {
        guard let elf = try? ELFImage(path: paths[Int(image)]) else { return SymbolTable() }
        return SymbolTable(elf, view: .best) { _ in nil }
    }

    func unwindImage(_ image: Int32) -> UnwindImage? {
        guard let file = try? ELFFile(path: paths[Int(image)]) else { return nil }
        let found = file.unwindSections()
        var sections = UnwindSections()
        sections.exceptionFrames = found.exceptionFrames.map { .init(address: $0.address, bytes: $0.bytes) }
        sections.exceptionFrameHeader = found.exceptionFrameHeader.map { .init(address: $0.address, bytes: $0.bytes) }
        sections.debugFrames = found.debugFrames.map { .init(address: $0.address, bytes: $0.bytes) }
        sections.goFunctionTable = found.goFunctionTable.map { .init(address: $0.address, bytes: $0.bytes) }
        sections.code = found.code.map { code in
            .init(address: code.address, size: code.size) { code.bytes(at: $0, count: $1) }
        }
        sections.segments = found.segments.map {
            .init(fileOffset: $0.fileOffset, virtualAddress: $0.virtualAddress, fileSize: $0.fileSize)
        }
        sections.textAddress = found.textAddress
        sections.dataAddress = found.dataAddress
        return UnwindImage(architecture: .x86_64, sections: sections, name: paths[Int(image)])
    }
}
