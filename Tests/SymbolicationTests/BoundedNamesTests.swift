import ELFImages
import TestSupport
import Testing

@testable import Symbolication

/// Short names that stand for long ones, and code that is more by its sizes than by its bytes. Gone through one by one, most of
/// these would take for ever; a time limit here is a watchdog.
@Suite(.serialized) struct BoundedNamesTests {
    /// C++: each level names the one before twice.
    private static func doubling(_ levels: Int) -> String {
        var name = "_Z1fI1PIiiE"
        for level in 1..<levels {
            name += substitution(1) + "I" + substitution(level + 1) + substitution(level + 1) + "E"
        }
        return name + "EvT_"
    }

    private static func substitution(_ index: Int) -> String {
        index == 0 ? "S_" : "S" + String(index - 1, radix: 36, uppercase: true) + "_"
    }

    /// A conversion operator's template arguments are parsed twice, those within them four times.
    private static func conversions(_ depth: Int) -> String {
        (0..<depth).reduce("N1AcvT_IiEEv") { inner, _ in "N1AcvT_IL_Z" + inner + "EEEv" }
    }

    /// Swift: m.P<m.P<…>, m.P<…>>.
    private static func swift(_ levels: Int) -> String {
        let letters = (0..<levels - 1).map { "A" + String(Unicode.Scalar(UInt8(ascii: "E") + UInt8($0))) + "G" }
        return "$s1m1fyyAA1PVy" + String(repeating: "ADy", count: levels - 1) + "S2iG" + letters.joined() + "F"
    }

    private static func readable(_ name: String) -> String? {
        Demangler.readable(Array(name.utf8)[...]).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A name with few levels is demangled as before.
    @Test func shortOnes() {
        #expect(Self.readable(Self.doubling(2)) == "f<P<int, int>, P<P<int, int>, P<int, int> > >")
        #expect(Self.readable(Self.swift(2)) == "f(_:)" || Self.readable(Self.swift(2))?.hasPrefix("m.f") == true)
        #expect(Self.readable("_Z" + Self.conversions(1))?.hasPrefix("A::operator A::operator") == true)
        #expect(Self.readable("_RNvC7mycrate3foo")?.hasPrefix("mycrate") == true)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            doubling(30), doubling(16), doubling(60), "_Z" + conversions(20), "_Z" + conversions(26),
            "_Z" + conversions(38),
            swift(12), swift(21),
        ])
    func longOnes(name: String) {
        let bytes = Array(name.utf8)[...]
        #expect(Demangler.readable(bytes) == nil && Demangler.perf(bytes) == nil)
        #expect(Demangler.isTooLong(bytes))
    }

    /// Whatever comes of one that is stopped halfway, the next is not worse for it.
    @Test func afterALongOne() {
        for _ in 0..<1000 {
            #expect(Self.readable(Self.swift(14)) == nil)
            #expect(Self.readable("$s4main3BoxC3add_2toySi_SitF") == "main.Box.add(_:to:)")
        }
    }

    /// The file whose symbol it is, once.
    @Test func aLongNameIsTold() throws {
        try Compiler.withDirectory { directory in
            let source = "void f(void) __asm__(\"\(Self.doubling(30))\"); void f(void) {} int main(void) { f(); }"
            try Compiler.write(Array(source.utf8), to: directory + "/main.c")
            try Compiler.run(["gcc", "-o", directory + "/program", directory + "/main.c"])
            let image = try ELFImage(path: directory + "/program")
            let symbol = try #require(image.symbols.symbols.first { image.symbols.name($0.name).count > 100 })
            for style in [NameStyle.best, .perf] {
                let symbolizer = Symbolizer(style: style)
                symbolizer.map(
                    process: 1, start: 0x10_0000, length: 0x10_0000, fileOffset: 0, path: directory + "/program",
                    buildID: nil, isExecutable: true)
                let frame = symbolizer.frame(
                    process: 1, address: 0x10_0000 + symbol.start, isKernel: false, isReturnAddress: false)
                #expect(symbolizer.name(of: frame) == Self.doubling(30))
                #expect(symbolizer.problems == [ImageError(path: directory + "/program", reason: .longNames)])
            }
        }
    }

    /// A map's name of 100 MB is cut, and that is told.
    @Test func longNamesOfAMap() {
        let long = [UInt8](repeating: UInt8(ascii: "j"), count: 100 << 20)
        let lines = SymbolLines.jitMap(Array("1000 10 ".utf8) + long + Array("\n2000 10 next\n".utf8))
        #expect(lines.symbols.symbols.map(\.name.length) == [4096, 4] && lines.hasLongNames && !lines.isCut)
    }

    @Test func mapsOfManyLines() {
        let line = Array("1 1 abc\n".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.count * (SymbolLines.mostFunctions + 1))
        for _ in 0...SymbolLines.mostFunctions { bytes += line }
        let lines = SymbolLines.jitMap(bytes)
        #expect(lines.isCut && lines.symbols.symbols.count == SymbolLines.mostFunctions)
    }

    // MARK: - Dumps

    private static func dump(_ codes: [(time: UInt64, start: UInt64, size: UInt64, name: String)]) throws -> JITDump {
        var bytes: [UInt8] = []
        func store(_ value: UInt32) { withUnsafeBytes(of: value) { bytes += $0 } }
        func store(_ value: UInt64) { withUnsafeBytes(of: value) { bytes += $0 } }
        for value: UInt32 in [0x4A69_5444, 1, 40, 62, 0, 42] { store(value) }
        for value: UInt64 in [1, 0] { store(value) }
        for (index, code) in codes.enumerated() {
            store(UInt32(0))
            store(UInt32(56 + code.name.utf8.count + 1))
            for value: UInt64 in [code.time, 42 | 42 << 32, code.start, code.start, code.size, UInt64(index)] {
                store(value)
            }
            bytes += Array(code.name.utf8) + [0]
        }
        return try JITDump(size: UInt64(bytes.count), machine: 62) { offset, count in
            let start = min(Int(offset), bytes.count)
            return Array(bytes[start..<min(start + count, bytes.count)])
        }
    }

    private static func name(_ timeline: JITTimeline, _ time: UInt64, _ address: UInt64) -> String {
        let table = timeline.table(timeline.index(at: time))
        return table.index(containing: address).map { String(decoding: table.name(at: $0), as: UTF8.self) } ?? "-"
    }

    /// 3,000 functions of 16 MiB, each over the one before, shifted by a byte, a half and not at all; the newest wins.
    @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 8 << 20] as [UInt64])
    func largeCodesThatOverlap(shift: UInt64) throws {
        let dump = try Self.dump(
            (0..<3000).map { (UInt64($0) * 10 + 10, 0x1000_0000 + UInt64($0) * shift, 16 << 20, "f\($0)") })
        let timeline = JITTimeline(dump, isTimed: true)
        #expect(timeline.starts.count == JITTimeline.most)
        for stretch in [1, 500, 1000] as [UInt64] {
            let time = stretch * 10 + 15
            #expect(Self.name(timeline, time, 0x1000_0000 + stretch * shift) == "f\(stretch)")
        }
        #expect(Self.name(timeline, 90_000, 0x1000_0000 + 2999 * shift) == "f2999")
    }

    /// As many functions as are read, and a change with each of the last ones: every stretch is asked for.
    @Test(.timeLimit(.minutes(1))) func manyStretchesOfMuchCode() throws {
        var codes = (0..<100_000).map {
            (time: UInt64(10), start: 0x1000 + UInt64($0) * 16, size: UInt64(16), name: "a\($0)")
        }
        for index in 0..<2000 { codes.append((UInt64(index) * 10 + 100, 0x1000 + UInt64(index) * 16, 16, "b\(index)")) }
        let timeline = JITTimeline(try Self.dump(codes), isTimed: true)
        for stretch in timeline.starts.indices { #expect(timeline.table(stretch).count == 100_000) }
        #expect(Self.name(timeline, 50_000, 0x1000 + 16) == "b1" && Self.name(timeline, 10, 0x1000 + 16) == "a1")
    }

    /// Against a list that is gone through for each.
    @Test func codeThatLives() throws {
        var random = Xorshift(seed: 7)
        let codes = (0..<4000).map { index in
            (
                time: UInt64(index), start: UInt64(random.next(below: 20_000)),
                size: UInt64(1 + random.next(below: 60)),
                name: "f\(index)"
            )
        }
        let dump = try Self.dump(codes)
        var live = LiveCode()
        var known: [Int] = []
        for (index, code) in dump.codes.enumerated() {
            let count = known.count
            known.removeAll { dump.codes[$0].start < code.end && dump.codes[$0].end > code.start }
            #expect(live.insert(index, dump.codes) == (known.count < count))
            known.append(index)
        }
        var found: [UInt64] = []
        live.forEach(of: dump.codes) { found.append($0.start) }
        #expect(found == known.map { dump.codes[$0].start }.sorted() && live.count == known.count)
    }
}
