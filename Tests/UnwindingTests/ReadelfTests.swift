import ELFImages
import TestSupport
import Testing

@testable import Unwinding

/// What binutils reads of call frame information, row by row, beside what we read.
@Suite struct ReadelfTests {
    static let files = [
        "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/usr/bin/python3", "/bin/bash",
        "/usr/aarch64-linux-gnu/lib/libc.so.6",
    ]

    @Test(arguments: files) func rowsAreThoseOfReadelf(path: String) throws {
        let file = try ELFFile(path: path)
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

extension UnwindSections {
    /// As the reader of ELF files gives them.
    init(_ sections: ELFUnwindSections) {
        self.init()
        func convert(_ section: ELFUnwindSections.Section) -> Section {
            Section(address: section.address, bytes: section.bytes)
        }
        exceptionFrames = sections.exceptionFrames.map(convert)
        exceptionFrameHeader = sections.exceptionFrameHeader.map(convert)
        debugFrames = sections.debugFrames.map(convert)
        goFunctionTable = sections.goFunctionTable.map(convert)
        code = sections.code.map(convert)
        segments = sections.segments.map {
            Segment(fileOffset: $0.fileOffset, virtualAddress: $0.virtualAddress, fileSize: $0.fileSize)
        }
        textAddress = sections.textAddress
        dataAddress = sections.dataAddress
    }
}
