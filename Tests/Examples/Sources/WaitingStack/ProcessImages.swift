import ELFImages
import Glibc
import ImageFiles
import Unwinding

/// What a process has mapped executable, and the files behind it; proc_pid_maps(5).
struct ProcessImages {
    let code: CodeMap
    /// By the numbers that the mappings have.
    private var files: [String] = []

    init(process: String) {
        var mappings: [CodeMap.Mapping] = []
        for line in lines(of: process + "/maps") {
            let fields = line.split(separator: " ")
            let range = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard range.count == 2, fields[1].contains("x"), let offset = UInt64(fields[2], radix: 16) else { continue }
            mappings.append(.init(start: range[0], end: range[1], bias: offset &- range[0], image: Int32(files.count)))
            files.append(fields.dropFirst(5).joined(separator: " "))
        }
        code = CodeMap(mappings)
    }

    private func open(_ image: Int32) -> ELFFile? {
        let path = files[Int(image)]
        if path == "[vdso]" { return VirtualDSO.bytesOfThisMachine().flatMap { try? ELFFile(bytes: $0) } }
        return try? ELFFile(path: path)
    }

    func unwindImage(_ image: Int32) -> UnwindImage? {
        guard let file = open(image) else { return nil }
        return UnwindImage(architecture: .x86_64, sections: UnwindSections(file), name: files[Int(image)])
    }

    func name(of frame: UnwoundFrame) -> String {
        // Of a call the byte before its end, which is still in the function that called.
        let address = frame.isReturnAddress ? frame.address &- 1 : frame.address
        guard let mapping = code.mapping(containing: address), let file = open(mapping.image) else {
            return "[unknown]"
        }
        let symbols = SymbolTable(of: file)
        guard let symbol = symbols.index(containing: address &+ mapping.bias) else { return "[unknown]" }
        return String(decoding: symbols.name(at: symbol), as: UTF8.self)
    }
}

/// A file of procfs, which says of itself that it is empty.
func lines(of path: String) -> [String] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}
