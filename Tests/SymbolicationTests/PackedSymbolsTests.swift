import ELFImages
@testable import Symbolication
import TestSupport
import Testing

/// The section with a packed session's names: what is written is read, and nothing else does harm.
@Suite struct PackedSymbolsTests {
    private static func symbols() -> PackedSymbols {
        var file = PackedSymbols.Image(path: "/usr/bin/a", buildID: [1, 2, 3], source: .file)
        file.best = [
            SymbolTable.Entry(range: 0x1000..<0x1010, name: Array("main".utf8)),
            SymbolTable.Entry(range: 0x1010..<0x2000, name: Array("_ZN1a1bEv".utf8)),
        ]
        file.perf = [SymbolTable.Entry(range: 0xfff..<0x1010, name: Array("main".utf8))]
        let main = SourcePlace.Frame(function: "", file: "/src/a.c", line: 12)
        file.places = [
            0x1004: [main], 0x100f: [main, SourcePlace.Frame(function: "inner", file: "/src/a.h", line: .max)],
        ]
        var other = PackedSymbols.Image(path: "/usr/bin/b", buildID: nil, source: .file)
        other.isOtherFile = true
        var kernel = PackedSymbols.Image(path: "[kernel.kallsyms]", buildID: [], source: .kernel)
        kernel.extent = 0xffff_ffff_8100_0000..<0xffff_ffff_8200_0000
        kernel.best = [
            SymbolTable.Entry(range: 0xffff_ffff_8100_0000..<UInt64.max, name: Array("do_exit\t[m]".utf8))
        ]
        var broken = PackedSymbols.Image(path: "/lib/c.so", buildID: nil, source: .vdso)
        broken.hasBrokenUnwindTable = true
        var symbols = PackedSymbols()
        for image in [file, other, kernel, broken] { symbols.add(image) }
        return symbols
    }

    @Test func whatIsWrittenIsRead() throws {
        let symbols = Self.symbols()
        #expect(try PackedSymbols(decoding: symbols.encoded()) == symbols)
        #expect(try PackedSymbols(decoding: PackedSymbols().encoded()) == PackedSymbols())
        #expect(symbols.symbolCount == 3)
        // A stream pads with zeros.
        #expect(try PackedSymbols(decoding: symbols.encoded() + [0, 0, 0]) == symbols)
    }

    @Test func bothStylesOfAnImageAreOne() {
        var best = PackedSymbols.Image(path: "/a", buildID: nil, source: .file)
        best.best = [SymbolTable.Entry(range: 1..<2, name: [0x61])]
        var perf = PackedSymbols.Image(path: "/a", buildID: nil, source: .file)
        perf.perf = [SymbolTable.Entry(range: 1..<3, name: [0x62])]
        var symbols = PackedSymbols()
        symbols.add(best)
        symbols.add(perf)
        #expect(symbols.images.count == 1)
        let image = symbols.image(path: "/a", buildID: nil, source: .file)
        #expect(image?.best == best.best && image?.perf == perf.perf)
        #expect(symbols.image(path: "/a", buildID: [], source: .file) == nil)
    }

    /// Before there were places.
    @Test func theFirstVersionIsRead() throws {
        var image: [UInt8] = [2] + "/a".utf8 + [0, 0, 1, 0, 0]
        image += [1, 0x10, 8, 4] + "main".utf8 + [0]
        let bytes = Array("SPWNSYMS".utf8) + [1, 0, 0, 0, 1] + image
        let symbols = try PackedSymbols(decoding: bytes)
        let read = try #require(symbols.image(path: "/a", buildID: nil, source: .file))
        #expect(read.best == [SymbolTable.Entry(range: 0x10..<0x18, name: Array("main".utf8))])
        #expect(read.isOtherFile && read.places.isEmpty)
    }

    /// A frame's text beyond the table.
    @Test func placesWithoutText() {
        let image: [UInt8] = [2] + "/a".utf8 + [0, 0, 0, 0, 0, 0, 0]
        let bytes = Array("SPWNSYMS".utf8) + [2, 0, 0, 0, 1] + image
        let places: [UInt8] = [1, 1, 0x61, 1, 4, 1]
        #expect(throws: Never.self) { try PackedSymbols(decoding: bytes + places + [0, 0, 7]) }
        #expect(throws: PackedSymbolsError.self) { try PackedSymbols(decoding: bytes + places + [0, 1, 7]) }
        #expect(throws: PackedSymbolsError.self) { try PackedSymbols(decoding: bytes + places + [1, 0, 7]) }
    }

    @Test func damageIsToldAndNothingElse() {
        let whole = Self.symbols().encoded()
        for count in 0..<whole.count {
            #expect(throws: PackedSymbolsError.self) { try PackedSymbols(decoding: Array(whole[..<count])) }
        }
        var newer = whole
        newer[8] = 3
        #expect(throws: PackedSymbolsError.newer(version: 3)) { try PackedSymbols(decoding: newer) }
        // 2⁶³ images, or a text of 2⁶³ bytes.
        let huge = [UInt8](repeating: 0xff, count: 9) + [1]
        #expect(throws: PackedSymbolsError.self) { try PackedSymbols(decoding: Array(whole[..<12]) + huge) }
        #expect(throws: PackedSymbolsError.self) { try PackedSymbols(decoding: Array(whole[..<12]) + [1] + huge) }
    }

    @Test func whateverItHolds() {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        let whole = Self.symbols().encoded()
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...random.next(below: 4) {
                bytes[12 + random.next(below: bytes.count - 12)] = UInt8(random.next(below: 256))
            }
            guard let symbols = try? PackedSymbols(decoding: bytes) else { continue }
            for image in symbols.images {
                let table = image.table(.best)
                #expect(table.count <= image.best.count, "seed \(seed)")
                _ = table.index(containing: UInt64.max)
            }
        }
    }

    @Test func asATable() {
        let image = Self.symbols().images[0]
        let table = image.table(.best)
        #expect(table.index(containing: 0x100f) == 0 && table.index(containing: 0x1010) == 1)
        #expect(table.index(containing: 0x2000) == nil && table.index(containing: 0xfff) == nil)
        #expect(image.table(.perf).index(containing: 0xfff) == 0)
        // Out of order or empty: left out.
        let odd = SymbolTable(entries: [
            SymbolTable.Entry(range: 10..<20, name: [1]), SymbolTable.Entry(range: 15..<30, name: [2]),
            SymbolTable.Entry(range: 30..<30, name: [3]), SymbolTable.Entry(range: 40..<50, name: [4]),
        ])
        #expect(odd.count == 2 && odd.name(at: 1) == [4])
    }
}
