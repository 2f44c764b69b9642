import ELFImages
import TestSupport
import Testing

@testable import Symbolication
@testable import Unwinding

/// What binutils reads of call frame information, row by row, beside what we read.
@Suite struct ReadelfTests {
    static let files = [
        "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/usr/bin/python3", "/bin/bash",
        "/usr/aarch64-linux-gnu/lib/libc.so.6",
    ]

    @Test(arguments: files) func rowsAreThoseOfReadelf(path: String) throws {
        try compare(ELFFile(path: path), path)
    }

    /// A program without section headers, of which readelf could read no frames.
    @Test func rowsWithoutSectionHeaders() throws {
        let path = "/bin/bash"
        var bytes = try Compiler.bytes(path)
        // e_shoff, e_shnum and e_shstrndx, elf(5).
        for index in Array(0x28..<0x30) + Array(0x3C..<0x40) { bytes[index] = 0 }
        let file = try ELFFile(bytes: bytes)
        try #require(file.layout.sections.isEmpty)
        try compare(file, path)
    }

    private func compare(_ file: borrowing ELFFile, _ path: String) throws {
        let architecture: Architecture = file.layout.machine == 183 ? .arm64 : .x86_64
        let image = UnwindImage(
            architecture: architecture, sections: UnwindSections(file.unwindSections()), name: path)
        let dump = try ProgramRun("readelf", "--wide", "--debug-dump=frames-interp", path)
        let rows = InterpretedFrames.parse(dump.output)
        #expect(rows.count > 1000)
        var differences: [String] = []
        for (number, expected) in rows.enumerated() {
            // Every row of a small file, some 20,000 of a large one.
            guard rows.count < 30_000 || number % (rows.count / 20_000) == 0 else { continue }
            let found = image.row(at: expected.location, isReturnAddress: false)
            guard case .success(let placed)? = found else {
                differences.append("\(expected): nothing")
                continue
            }
            if !expected.matches(placed.row, architecture) { differences.append("\(expected): \(placed.row)") }
        }
        #expect(differences.isEmpty, "\(differences.count) of \(rows.count), such as \(differences.prefix(3))")
        #expect(image.problem == nil)
    }
}
