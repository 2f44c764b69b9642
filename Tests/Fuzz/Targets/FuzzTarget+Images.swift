import ELFImages
import PerfRecords
import Symbolication

extension FuzzTarget {
    /// Headers, notes, sections and symbols of an ELF file.
    static let elf = FuzzTarget("elf", longest: 1 << 14) { bytes in
        guard let file = try? ELFFile(bytes: bytes) else { return }
        let layout = file.layout
        for section in layout.sections {
            _ = layout.virtualAddress(ofFileOffset: section.fileOffset)
            _ = layout.codeAddress(ofFileOffset: section.fileOffset)
        }
        precondition(layout.sections.count <= bytes.count / 40 + 1)
        for name in [".comment", ".interp"] { _ = try? file.contents(ofSection: name) }
        for code in file.unwindSections().code { _ = code.bytes(at: code.size / 2, count: 64) }
        lookUp(ELFImage(reading: file), bytes)
        guard let other = try? ELFFile(bytes: bytes) else {
            preconditionFailure("the same bytes were an ELF file before")
        }
        lookUp(ELFImage(reading: file, debugFile: other, withDynamicSymbols: bytes.count % 2 == 0), bytes)
        let named = FuzzFile(bytes)
        guard let image = try? ELFImage(path: named.path) else { return }
        lookUp(image, bytes)
        _ = FunctionOffset.find("main", in: named.path)
        _ = ELFImage.offset(ofDynamicFunction: "fork", path: named.path)
        _ = FileChecksum.of(path: named.path)
    }

    private static func lookUp(_ image: ELFImage, _ bytes: [UInt8]) {
        for view in [SymbolView.best, .perf] {
            // Names are demangled elsewhere.
            let table = SymbolTable(image, view: view) { _ in nil }
            for index in 0..<min(table.count, 64) {
                guard let range = table.range(at: index) else { continue }
                _ = table.name(at: index).count
                _ = table.index(containing: range.lowerBound)
            }
            for address in [0, 0x1000, UInt64(bytes.count), .max] as [UInt64] { _ = table.index(containing: address) }
        }
    }

    /// The lines and inlined functions of an ELF file's DWARF.
    static let sourceLines = FuzzTarget("dwarf-lines", longest: 1 << 14) { bytes in
        guard let file = try? ELFFile(bytes: bytes) else { return }
        let code = file.layout.sections.filter { $0.isExecutable }.prefix(8)
        guard let lines = SourceLines(file) else { return }
        for section in code {
            for step in 0..<8 as Range<UInt64> {
                for frame in lines.frames(virtualAddress: section.address &+ section.size / 8 &* step) {
                    _ = frame.file.count
                }
            }
        }
        for address in [0, 0x1000, .max] as [UInt64] { _ = lines.frames(virtualAddress: address) }
    }

    /// Go's table of functions: as unwinding reads it, and as the names of a stripped program.
    static let goTable = FuzzTarget("go-table", longest: 1 << 13) { bytes in
        var process = FuzzProcess(FuzzInput([]))
        process.goFunctionTable = bytes
        for address in stride(from: FuzzProcess.linked, to: FuzzProcess.linked + 0x400, by: 0x20) {
            process.unwind(at: address)
        }
        guard let image = try? ELFImage(bytes: ELFWrapper.goProgram(table: bytes)) else {
            preconditionFailure("the wrapping file is whole")
        }
        precondition(image.symbols.symbols.count <= bytes.count)
        lookUp(image, bytes)
    }
}
