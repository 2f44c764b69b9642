import ELFImages
import Glibc
import TestSupport
import Testing

@testable import Symbolication

/// What is here names a recording of another machine by build IDs alone.
@Suite struct OtherMachineTests {
    private static func here() -> (host: String, release: String) {
        var names = utsname()
        uname(&names)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return (text(names.nodename), text(names.release))
    }

    @Test func whatIsAnother() throws {
        let (host, release) = Self.here()
        #expect(OtherMachine(host: host, release: release) == nil)
        #expect(OtherMachine(host: nil, release: nil) == nil)
        #expect(OtherMachine(host: "elsewhere", release: release)?.name == "elsewhere, Linux \(release)")
        #expect(OtherMachine(host: host, release: "1.2.3")?.name == "\(host), Linux 1.2.3")
        #expect(OtherMachine(host: nil, release: "1.2.3")?.name == "Linux 1.2.3")
        try Compiler.withDirectory { directory in
            // NT_GNU_BUILD_ID of "GNU".
            let notes: [UInt8] = [4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0, 1, 2, 3, 4]
            try Compiler.write(notes, to: directory + "/notes")
            func other(_ buildID: [UInt8]) -> OtherMachine? {
                OtherMachine(
                    host: host, release: release, kernelBuildID: buildID, kernelNotes: directory + "/notes")
            }
            #expect(other([1, 2, 3, 4]) == nil && other([1, 2, 3, 5]) != nil)
        }
    }

    @Test(arguments: [NameStyle.best, .perf]) func filesByTheirPath(style: NameStyle) throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program("int main(void) { return 0; }", ["-Wl,--build-id"], in: directory)
            let image = try ELFImage(path: path)
            let table = SymbolTable(image, view: .best) { _ in nil }
            let index = try #require((0..<table.count).first { table.name(at: $0).elementsEqual("main".utf8) })
            let start = try #require(table.range(at: index)).lowerBound
            let buildID = try #require(image.layout.buildID)
            let other = try #require(OtherMachine(host: "elsewhere", release: "1.2.3"))
            for (machine, recorded, isNamed) in [
                (nil, nil, true), (other, nil, false), (other, buildID, true), (other, [1, 2, 3, 4], false),
            ] as [(OtherMachine?, [UInt8]?, Bool)] {
                var settings = SymbolSettings()
                settings.otherMachine = machine
                settings.kallsyms = directory + "/kallsyms"
                try Compiler.write(Array("ffffffff81000000 T _text\n".utf8), to: settings.kallsyms)
                let symbolizer = Symbolizer(style: style, settings: settings)
                symbolizer.map(
                    process: 1, start: 0x10000, length: 0x10000, fileOffset: 0, path: path, buildID: recorded,
                    isExecutable: true)
                // A second file that is not trusted tells nothing more.
                symbolizer.map(
                    process: 1, start: 0x40000, length: 0x10000, fileOffset: 0, path: "/bin/sh", buildID: nil,
                    isExecutable: true)
                func name(_ address: UInt64, isKernel: Bool = false) -> String {
                    symbolizer.name(
                        of: symbolizer.frame(
                            process: 1, address: address, isKernel: isKernel, isReturnAddress: false))
                }
                #expect((name(0x10000 + start) == "main") == isNamed)
                #expect(name(0x41000) != "main")
                symbolizer.map(
                    process: -1, start: 0xFFFF_FFFF_8100_0000, length: 0x1000, fileOffset: 0,
                    path: "[kernel.kallsyms]", buildID: nil, isExecutable: true)
                #expect((name(0xFFFF_FFFF_8100_0000, isKernel: true) == "_text") == (machine == nil))
                let told = symbolizer.problems.filter { $0.reason == .otherMachine }
                #expect(told.map(\.path) == (machine == nil ? [] : ["elsewhere, Linux 1.2.3"]))
            }
        }
    }

    /// A map that a process of that number left here is not that process's.
    @Test func codeMadeAsItRan() throws {
        try Compiler.withDirectory { directory in
            try Compiler.write(Array("6000 100 made\n".utf8), to: directory + "/perf-1.map")
            for machine in [nil, OtherMachine(host: "elsewhere", release: nil)] {
                var settings = SymbolSettings()
                settings.otherMachine = machine
                settings.jitMapDirectory = directory
                let symbolizer = Symbolizer(style: .best, settings: settings)
                symbolizer.map(
                    process: 1, start: 0x6000, length: 0x1000, fileOffset: 0, path: "//anon", buildID: nil,
                    isExecutable: true)
                let frame = symbolizer.frame(process: 1, address: 0x6010, isKernel: false, isReturnAddress: false)
                #expect((symbolizer.name(of: frame) == "made") == (machine == nil))
            }
        }
    }
}
