import Symbolication
import Testing

/// Memory without a file that lies where a program's code lay is a copy of that code.
@Suite struct RemappedTextTests {
    /// What lies at an address after these were mapped: of files, which do not exist, and `//anon`. Process 1 has executed the first.
    private func image(
        _ maps: [(path: String, start: UInt64, length: UInt64)], at address: UInt64, style: NameStyle = .best,
        executes: Bool = true
    ) -> String {
        let symbolizer = Symbolizer(style: style)
        if executes { symbolizer.exec(process: 1) }
        for (path, start, length) in maps {
            symbolizer.map(
                process: 1, start: start, length: length, fileOffset: 0, path: path, buildID: nil, isExecutable: true)
        }
        let frame = symbolizer.frame(process: 1, address: address, isKernel: false, isReturnAddress: false)
        return frame == .unknown ? "-" : symbolizer.name(of: frame)
    }

    private static let program = (path: "/nonexistent/node", start: 0x40_1000 as UInt64, length: 0x100_0000 as UInt64)
    private static let library = (
        path: "/nonexistent/lib.so", start: 0x7f00_0010_0000 as UInt64, length: 0x50_0000 as UInt64
    )

    @Test(arguments: [0x60_0000, 0x40_1000, 0x50_3000] as [UInt64]) func ofTheProgramAnyPart(start: UInt64) {
        let maps = [Self.program, Self.library, ("//anon", start, 0x20_0000)]
        for address in [start, start + 0x1f_ffff, Self.program.start + Self.program.length - 1] {
            #expect(image(maps, at: address) == "[node]")
        }
        // A copy of the copy, as mprotect(2) of a part tells it.
        #expect(image(maps + [("//anon", start + 0x1000, 0x1000)], at: start + 0x1800) == "[node]")
        #expect(image(maps, at: start, style: .perf) != "[node]")
    }

    @Test func ofALibraryWhatFitsIntoIt() {
        let (start, length) = (Self.library.start, Self.library.length)
        for (copy, isOne) in [
            ((start, length), true), ((start + 0x10_0000, 0x20_0000), true), ((start + 0x10_0000, 0x40_0000), true),
            // A compiler's code where a library was unmapped.
            ((start + 0x1_0000, 0x1_0000), false), ((start + length - 0x1_0000, 0x1_0000), false),
            ((start - 0x1000, length), false), ((start, length + 0x1000), false),
        ] as [((UInt64, UInt64), Bool)] {
            let found = image([Self.program, Self.library, ("//anon", copy.0, copy.1)], at: copy.0 + 0x800)
            #expect(found == (isOne ? "[lib.so]" : "[perf-1.map]"), "\(copy)")
        }
    }

    /// Of a process that was there before it is not known what it executes.
    @Test func withoutAnExec() {
        #expect(image([Self.program, ("//anon", 0x50_3000, 0x1000)], at: 0x50_3000, executes: false) == "[perf-1.map]")
        #expect(image([Self.program, ("//anon", 0x60_0000, 0x20_0000)], at: 0x60_0000, executes: false) == "[node]")
    }

    /// Another program's code is not where the one before had its own.
    @Test func afterAnotherExec() {
        let symbolizer = Symbolizer(style: .best)
        symbolizer.exec(process: 1)
        symbolizer.map(
            process: 1, start: 0x40_0000, length: 0x40_0000, fileOffset: 0, path: "/nonexistent/a", buildID: nil,
            isExecutable: true)
        symbolizer.fork(parent: 1, child: 2)
        symbolizer.exec(process: 1)
        for process in [1, 2] as [Int32] {
            symbolizer.map(
                process: process, start: 0x40_0000, length: 0x20_0000, fileOffset: 0, path: "//anon", buildID: nil,
                isExecutable: true)
            let frame = symbolizer.frame(process: process, address: 0x40_0800, isKernel: false, isReturnAddress: false)
            #expect(symbolizer.name(of: frame) == (process == 1 ? "[perf-1.map]" : "[a]"))
        }
    }
}
