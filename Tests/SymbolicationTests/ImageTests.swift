import ELFImages
import Glibc
import Symbolication
import TestSupport
import Testing

@Suite struct ImageTests {
    private static let source = """
        __asm__(".text\\n.globl \\"semi;colon\\"\\n.type \\"semi;colon\\",@function\\n\\"semi;colon\\": nop; nop; nop; ret\\n"
            ".size \\"semi;colon\\",4\\n");
        int caller(int n) { return n + 1; }
        int main(int n, char **v) { return caller(n); }
        """

    /// The start of a function of a compiled program, as a file offset, with the program's build ID.
    private func find(_ function: String, in path: String) throws -> (range: Range<UInt64>, image: ELFImage) {
        let image = try ELFImage(path: path)
        let table = SymbolTable(image, view: .best) { _ in nil }
        let index = try #require((0..<table.count).first { table.name(at: $0).elementsEqual(function.utf8) })
        return (try #require(table.range(at: index)), image)
    }

    /// Whatever base a file is linked for and loaded at.
    @Test(arguments: [["-pie", "-fPIE"], ["-no-pie"], ["-no-pie", "-Wl,-Ttext-segment=0x700000"]])
    func loadAddresses(options: [String]) throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(Self.source, options, in: directory)
            let (range, _) = try find("caller", in: path)
            let (semicolon, _) = try find("semi;colon", in: path)
            for style in [NameStyle.perf, .best] {
                let symbolizer = Symbolizer(style: style)
                for (process, base) in [(1, 0x5555_0000_0000), (2, 0x7777_0000_0000)] as [(Int32, UInt64)] {
                    let segment = range.lowerBound & ~0xFFF
                    symbolizer.map(
                        process: process, start: base, length: 0x10000, fileOffset: segment, path: path, buildID: nil,
                        isExecutable: true)
                    func name(_ offset: UInt64, isReturnAddress: Bool = false) -> String {
                        symbolizer.name(
                            of: symbolizer.frame(
                                process: process, address: base &+ offset &- segment, isKernel: false,
                                isReturnAddress: isReturnAddress))
                    }
                    #expect(name(range.lowerBound) == "caller")
                    #expect(name(semicolon.lowerBound) == "semi:colon")
                    // A call that is a function's last instruction returns behind the function.
                    #expect((name(range.upperBound, isReturnAddress: true) == "caller") == (style == .best))
                }
            }
        }
    }

    @Test func buildIDsDecide() throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(Self.source, ["-Wl,--build-id"], in: directory)
            let (range, image) = try find("caller", in: path)
            let right = try #require(image.layout.buildID)
            let wrong = [UInt8](repeating: 1, count: 20)
            for (recorded, inTable, name) in [
                (right, nil, "caller"), (nil, right, "caller"), (nil, nil, "caller"), (wrong, nil, "[program]"),
                (nil, wrong, "[program]"), (right, wrong, "caller"),
            ] as [([UInt8]?, [UInt8]?, String)] {
                let symbolizer = Symbolizer(style: .best, sessionBuildIDs: inTable.map { [path: $0] } ?? [:])
                symbolizer.map(
                    process: 1, start: 0x10000, length: 0x10000, fileOffset: 0, path: path, buildID: recorded,
                    isExecutable: true)
                let address = 0x10000 + range.lowerBound
                let frame = symbolizer.frame(process: 1, address: address, isKernel: false, isReturnAddress: false)
                #expect(symbolizer.name(of: frame) == name)
                #expect(symbolizer.imagePath(of: frame) == path)
                let problem = ImageError(path: path, reason: .otherBuild(recorded: wrong, found: right))
                #expect(symbolizer.problems == (name == "caller" ? [] : [problem]))
            }
        }
    }

    /// Of a path that led elsewhere when the recording ended, nothing but a build ID says that the file is the right one.
    @Test func otherFilesNameNothing() throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(Self.source, ["-Wl,--build-id"], in: directory)
            let (range, image) = try find("caller", in: path)
            var settings = SymbolSettings()
            settings.otherFiles = [path, "/nonexistent/program"]
            for (style, recorded, name) in [
                (.best, nil, "[program]"), (.best, image.layout.buildID, "caller"), (.perf, nil, "caller"),
            ] as [(NameStyle, [UInt8]?, String)] {
                let symbolizer = Symbolizer(style: style, settings: settings)
                for (process, file) in [(1, path), (2, "/nonexistent/program")] as [(Int32, String)] {
                    symbolizer.map(
                        process: process, start: 0x10000, length: 0x10000, fileOffset: 0, path: file, buildID: recorded,
                        isExecutable: true)
                }
                func frame(_ process: Int32) -> String {
                    symbolizer.name(
                        of: symbolizer.frame(
                            process: process, address: 0x10000 + range.lowerBound, isKernel: false,
                            isReturnAddress: false))
                }
                #expect(frame(1) == name && frame(2) == "[program]")
                // What is not there at all is no other file.
                #expect(
                    symbolizer.problems.filter(\.isOtherFile)
                        == (name == "caller" ? [] : [ImageError(path: path, reason: .otherFile)]))
            }
        }
    }

    /// Symbols from a debug file that is found by build ID.
    @Test(arguments: [NameStyle.perf, .best]) func debugDirectory(style: NameStyle) throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(Self.source, ["-Wl,--build-id"], in: directory)
            let (range, image) = try find("caller", in: path)
            let hex = try #require(image.layout.buildID).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            let folder = "\(directory)/debug/.build-id/\(hex[0])"
            try Compiler.run(["mkdir", "-p", folder])
            let debugFile = "\(folder)/\(hex.dropFirst().joined()).debug"
            try Compiler.run(["objcopy", "--only-keep-debug", path, debugFile])
            try Compiler.run(["strip", path])
            var settings = SymbolSettings()
            settings.debugDirectory = directory + "/debug"
            settings.buildIDCache = nil
            let symbolizer = Symbolizer(style: style, settings: settings)
            symbolizer.map(
                process: 1, start: 0, length: 0x10000, fileOffset: 0, path: path, buildID: nil, isExecutable: true)
            let frame = symbolizer.frame(process: 1, address: range.lowerBound, isKernel: false, isReturnAddress: false)
            #expect(symbolizer.name(of: frame) == "caller")
        }
    }

    /// None of these may trap, wait, or be read as an image; each is found out once.
    @Test func whatIsNoImage() throws {
        try Compiler.withDirectory { directory in
            try Compiler.write(Array("text".utf8), to: directory + "/text")
            #expect(mkfifo(directory + "/fifo", 0o600) == 0)
            let symbolizer = Symbolizer(style: .best)
            let paths = ["/text", "/fifo", "/missing", ""].map { directory + $0 }
            for (number, path) in paths.enumerated() {
                symbolizer.map(
                    process: 1, start: UInt64(number) * 100, length: 100, fileOffset: 0, path: path, buildID: nil,
                    isExecutable: true)
            }
            for _ in 0..<2 {
                for (number, path) in paths.enumerated() {
                    for offset: UInt64 in 0..<3 {
                        let frame = symbolizer.frame(
                            process: 1, address: UInt64(number) * 100 + offset, isKernel: false, isReturnAddress: false)
                        #expect(symbolizer.name(of: frame) == "[\(path.split(separator: "/").last ?? "")]")
                    }
                }
            }
            #expect(
                symbolizer.problems.map(\.reason) == [
                    .file(.notELF), .file(.notRegularFile), .file(.unreadable(ENOENT)), .file(.notRegularFile),
                ])
        }
    }

    /// A stripped Go program whose table is of a Go that is not read, or damaged.
    @Test(.enabled(if: Workload.prebuilt("spawn_loop_go_stripped") != nil || PerfPrivileges.areRequired, "needs Go"))
    func goTablesThatAreNotRead() throws {
        var bytes = try Compiler.bytes(try #require(Workload.prebuilt("spawn_loop_go_stripped")))
        let section = try #require(try ELFFile(bytes: bytes).layout.section(named: ".gopclntab"))
        let text = try #require(try ELFFile(bytes: bytes).layout.section(named: ".text"))
        for (magic, problem) in [
            (UInt8(0xF1), nil), (0xFB, GoTableError.beforeGo116), (0x17, .unknown),
        ] as [(UInt8, GoTableError?)] {
            bytes[Int(section.fileOffset)] = magic
            try Compiler.withDirectory { directory in
                let path = directory + "/program"
                try Compiler.write(bytes, to: path)
                var settings = SymbolSettings()
                settings.buildIDCache = nil
                let symbolizer = Symbolizer(style: .best, settings: settings)
                symbolizer.map(
                    process: 1, start: 0, length: 1 << 30, fileOffset: 0, path: path, buildID: nil, isExecutable: true)
                let frame = symbolizer.frame(
                    process: 1, address: text.fileOffset + 64, isKernel: false, isReturnAddress: false)
                #expect((symbolizer.name(of: frame) == "[program]") == (problem != nil))
                #expect(symbolizer.problems == (problem.map { [ImageError(path: path, reason: .goTable($0))] } ?? []))
            }
        }
    }

    @Test func vdso() throws {
        let bytes = try #require(VirtualDSO.bytesOfThisMachine())
        let table = SymbolTable(try ELFImage(bytes: bytes), view: .best) { _ in nil }
        let index = try #require(
            (0..<table.count).first { String(decoding: table.name(at: $0), as: UTF8.self).contains("clock_gettime") })
        let offset = try #require(table.range(at: index)).lowerBound
        for (buildID, isKnown) in [(nil, true), ([9, 9], false)] as [([UInt8]?, Bool)] {
            var settings = SymbolSettings()
            settings.buildIDCache = nil
            let symbolizer = Symbolizer(style: .best, settings: settings)
            symbolizer.map(
                process: 1, start: 0x7000_0000, length: 0x2000, fileOffset: 0, path: "[vdso]", buildID: buildID,
                isExecutable: true)
            let frame = symbolizer.frame(
                process: 1, address: 0x7000_0000 + offset, isKernel: false, isReturnAddress: false)
            #expect(symbolizer.name(of: frame).contains("clock_gettime") == isKnown)
            #expect(symbolizer.problems.isEmpty == isKnown)
        }
    }

    @Test func jitMaps() throws {
        try Compiler.withDirectory { directory in
            let text =
                "1000 100 Ljava/lang/Object;.hash(I)V\n1100 10 LazyCompile:~f\nbroken\n1200 zz x\n1300 8 interp\n"
            try Compiler.write(Array(text.utf8), to: directory + "/perf-42.map")
            var settings = SymbolSettings()
            settings.jitMapDirectory = directory
            for style in [NameStyle.perf, .best] {
                let symbolizer = Symbolizer(style: style, settings: settings)
                symbolizer.map(
                    process: 42, start: 0x1000, length: 0x1000, fileOffset: 0, path: "//anon", buildID: nil,
                    isExecutable: true)
                func frame(_ address: UInt64) -> FrameID {
                    symbolizer.frame(process: 42, address: address, isKernel: false, isReturnAddress: false)
                }
                #expect(symbolizer.name(of: frame(0x1105)) == "LazyCompile:~f")
                #expect(symbolizer.name(of: frame(0x1307)) == "interp")
                #expect(symbolizer.name(of: frame(0x1308)) == "[perf-42.map]")
                #expect(symbolizer.name(of: frame(0x1200)) == "[perf-42.map]")
                if style == .perf { #expect(symbolizer.javaName(of: frame(0x1000)) == "java/lang/Object:.hash") }
            }
        }
    }

    /// A frame that perf's folding drops.
    @Test func omittedFrames() throws {
        try Compiler.withDirectory { directory in
            let source =
                "int spin(int n) __asm__(\"_ZN12_GLOBAL__N_14spinEl\"); int spin(int n) { return n; } int main() { return spin(1); }"
            let path = try Compiler.program(source, [], in: directory)
            let (range, _) = try find("_ZN12_GLOBAL__N_14spinEl", in: path)
            for (style, isOmitted) in [(NameStyle.perf, true), (.best, false)] {
                let symbolizer = Symbolizer(style: style)
                symbolizer.map(
                    process: 1, start: 0, length: 0x10000, fileOffset: 0, path: path, buildID: nil, isExecutable: true)
                let frame = symbolizer.frame(
                    process: 1, address: range.lowerBound, isKernel: false, isReturnAddress: false)
                #expect((frame == .omitted) == isOmitted)
                #expect(symbolizer.name(of: frame) == (isOmitted ? "" : "(anonymous namespace)::spin"))
            }
        }
    }
}
