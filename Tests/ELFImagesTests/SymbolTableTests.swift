import ELFImages
import Synchronization
import TestSupport
import Testing

/// The name that a table has for a file offset; `-` for none.
func name(_ table: SymbolTable, _ offset: UInt64) -> String {
    table.index(containing: offset).map { String(decoding: table.name(at: $0), as: UTF8.self) } ?? "-"
}

func tables(_ builder: ELFBuilder) throws -> (perf: SymbolTable, best: SymbolTable) {
    let image = try ELFImage(bytes: builder.bytes())
    return (
        SymbolTable(image, view: .perf, demangled: { _ in nil }),
        SymbolTable(image, view: .best, demangled: { _ in nil })
    )
}

@Suite struct SymbolTableTests {
    @Test func layoutIsRead() throws {
        let image = try ELFImage(bytes: ELFBuilder(base: 0x40_1000, buildID: [1, 2, 3, 4, 5]).bytes())
        #expect(image.layout.is64Bit)
        #expect(image.layout.machine == 62)
        #expect(image.layout.buildID == [1, 2, 3, 4, 5])
        #expect(image.layout.segments.map(\.virtualAddress) == [0x40_1000, 0x40_4000])
        #expect(image.layout.segments.map(\.isExecutable) == [true, false])
        #expect(image.layout.section(named: ".text")?.size == 0x2000)
        #expect(image.layout.virtualAddress(ofFileOffset: 0x1010) == 0x40_1010)
        #expect(image.layout.virtualAddress(ofFileOffset: 0x10) == nil)
        #expect(try ELFImage(bytes: ELFBuilder().bytes()).layout.buildID == nil)
    }

    /// Offsets are file offsets whatever address the image is linked for.
    @Test(arguments: [0x1000, 0x40_1000, 0x7F00_0000_0000] as [UInt64])
    func symbolsAreFileOffsets(base: UInt64) throws {
        let (perf, best) = try tables(
            ELFBuilder(base: base, symbols: [.init(name: "main", value: base + 0x40, size: 0x20)]))
        for table in [perf, best] {
            #expect(name(table, 0x103F) == "-")
            #expect(name(table, 0x1040) == "main")
            #expect(name(table, 0x105F) == "main")
            #expect(name(table, 0x1060) == "-")
        }
    }

    @Test func symbolsWithoutSizeReachToTheNext() throws {
        let (perf, best) = try tables(
            ELFBuilder(symbols: [
                .init(name: "_start", value: 0x1000),
                .init(name: "main", value: 0x1100, size: 0x10),
                .init(name: "last", value: 0x2F00),
            ]))
        for table in [perf, best] {
            #expect(name(table, 0x10FF) == "_start")
            #expect(name(table, 0x1110) == "-")
        }
        // perf lets the last one go on to the end of the next page; the section ends at 0x3000.
        #expect(name(perf, 0x3FFF) == "last")
        #expect(name(best, 0x2FFF) == "last")
        #expect(name(best, 0x3000) == "-")
    }

    @Test func labelsCountInTextOnly() throws {
        let (perf, best) = try tables(
            ELFBuilder(symbols: [
                .init(name: "visible", value: 0x1000, type: 0, binding: 0),
                .init(name: "hidden", value: 0x1100, type: 0, binding: 0, visibility: 2),
                .init(name: "unallocated", value: 0x1200, section: ELFBuilder.comment),
                .init(name: "undefined", value: 0x1300, section: 0),
                .init(name: "absolute", value: 0x1400, section: 0xFFF1),
                .init(name: "indirect", value: 0x1500, size: 8, type: 10),
            ]))
        for table in [perf, best] {
            for offset: UInt64 in [0x1000, 0x1100, 0x1200, 0x1300, 0x1400] { #expect(name(table, offset) == "visible") }
            #expect(name(table, 0x1500) == "indirect")
        }
    }

    @Test func dataObjectsBoundCodeForPerfAlone() throws {
        let (perf, best) = try tables(
            ELFBuilder(symbols: [.init(name: "table", value: 0x4010, size: 8, type: 1, section: ELFBuilder.data)]))
        #expect(name(perf, 0x3010) == "table")
        #expect(name(best, 0x3010) == "-")
    }

    /// What wins at one address, each rule with the ones before it equal.
    @Test(
        arguments: [
            (
                "strong over weak", ELFBuilder.Symbol(name: "weak", value: 0, size: 4, binding: 2),
                ELFBuilder.Symbol(name: "x", value: 0, size: 4)
            ),
            (
                "global over local", ELFBuilder.Symbol(name: "local", value: 0, size: 4, binding: 0),
                ELFBuilder.Symbol(name: "x", value: 0, size: 4)
            ),
            (
                "fewer underscores", ELFBuilder.Symbol(name: "__longer", value: 0, size: 4),
                ELFBuilder.Symbol(name: "_x", value: 0, size: 4)
            ),
            (
                "the longer name", ELFBuilder.Symbol(name: "x", value: 0, size: 4),
                ELFBuilder.Symbol(name: "read", value: 0, size: 4)
            ),
        ] as [(String, ELFBuilder.Symbol, ELFBuilder.Symbol)])
    func duplicates(rule: String, loser: ELFBuilder.Symbol, winner: ELFBuilder.Symbol) throws {
        for order in [[loser, winner], [winner, loser]] {
            let symbols = order.map { symbol in
                var symbol = symbol
                symbol.value = 0x1000
                return symbol
            }
            let (perf, best) = try tables(ELFBuilder(symbols: symbols + [.init(name: "next", value: 0x1004, size: 4)]))
            #expect(name(perf, 0x1000) == winner.name, "\(rule)")
            #expect(name(best, 0x1000) == winner.name, "\(rule)")
        }
    }

    /// One with a size wins; but perf first lets the last of them reach to the next symbol, so there the order matters.
    @Test func duplicatesWithoutSize() throws {
        let empty = ELFBuilder.Symbol(name: "empty", value: 0x1000)
        let sized = ELFBuilder.Symbol(name: "x", value: 0x1000, size: 4)
        let next = ELFBuilder.Symbol(name: "next", value: 0x1004, size: 4)
        let emptyFirst = try tables(ELFBuilder(symbols: [empty, sized, next]))
        let emptyLast = try tables(ELFBuilder(symbols: [sized, empty, next]))
        #expect(name(emptyFirst.best, 0x1000) == "x")
        #expect(name(emptyLast.best, 0x1000) == "x")
        #expect(name(emptyFirst.perf, 0x1000) == "x")
        #expect(name(emptyLast.perf, 0x1000) == "empty")
    }

    @Test func demangledNamesAreWeighed() throws {
        let image = try ELFImage(
            bytes: ELFBuilder(symbols: [
                .init(name: "_Za", value: 0x1000, size: 4), .init(name: "longest_of_all", value: 0x1000, size: 4),
            ]).bytes())
        let table = SymbolTable(image, view: .perf) { name in
            name.starts(with: "_Z".utf8) ? Array("a::name::longer::still".utf8) : nil
        }
        #expect(name(table, 0x1000) == "_Za")
    }

    /// Names between which nothing else decides are compared when one of them is asked for, with the result that comparing
    /// all of them in the order of the table has.
    @Test(arguments: [RandomSeed.ofThisRun])
    func namesAreComparedWhenAskedFor(seed: UInt64) throws {
        final class Calls: Sendable {
            let count = Mutex(0)
        }
        var random = Xorshift(seed: seed)
        for _ in 0..<200 {
            var symbols: [ELFBuilder.Symbol] = []
            for _ in 0..<random.next(below: 12) + 2 {
                let letters = (0...random.next(below: 4)).map { _ in ["_", "a", "b"][random.next(below: 3)] }
                symbols.append(
                    ELFBuilder.Symbol(
                        name: "s" + letters.joined(), value: 0x1000 + 0x10 * UInt64(random.next(below: 3)),
                        size: [0, 4, 4, 4, 8][random.next(below: 5)], binding: UInt8(random.next(below: 3))))
            }
            let image = try ELFImage(bytes: ELFBuilder(symbols: symbols).bytes())
            let calls = Calls()
            let table = SymbolTable(image, view: .best) { name in
                calls.count.withLock { $0 += 1 }
                return Array(name.dropFirst())
            }
            let before = calls.count.withLock { $0 }
            var expected: [UInt64: ELFBuilder.Symbol] = [:]
            for symbol in symbols {
                guard let best = expected[symbol.value] else {
                    expected[symbol.value] = symbol
                    continue
                }
                if !Self.prefers(best, over: symbol) { expected[symbol.value] = symbol }
            }
            for (address, symbol) in expected { #expect(name(table, address) == symbol.name) }
            // Sizes differ: what is kept decides where the symbol ends.
            let differ = symbols.contains { first in
                symbols.contains { $0.value == first.value && $0.size != first.size && $0.size != 0 && first.size != 0 }
            }
            if !differ { #expect(before == 0) }
        }
    }

    /// The rules of perf's `choose_best_symbol`, for names that demangle to all but their first letter.
    private static func prefers(_ first: ELFBuilder.Symbol, over second: ELFBuilder.Symbol) -> Bool {
        if (first.size == 0) != (second.size == 0) { return second.size == 0 }
        if (first.binding == 2) != (second.binding == 2) { return second.binding == 2 }
        if (first.binding == 1) != (second.binding == 1) { return first.binding == 1 }
        let (firstName, secondName) = (first.name.dropFirst(), second.name.dropFirst())
        let firstUnderscores = firstName.prefix { $0 == "_" }.count
        let secondUnderscores = secondName.prefix { $0 == "_" }.count
        if firstUnderscores != secondUnderscores { return firstUnderscores < secondUnderscores }
        if firstName.count != secondName.count { return firstName.count > secondName.count }
        return true
    }

    @Test func theDynamicTableAdds() throws {
        let (perf, best) = try tables(
            ELFBuilder(
                symbols: [.init(name: "local", value: 0x1000, size: 4, binding: 0)],
                dynamicSymbols: [
                    .init(name: "exported", value: 0x1000, size: 4), .init(name: "other", value: 0x1010, size: 4),
                ]))
        for table in [perf, best] {
            #expect(name(table, 0x1000) == "exported")
            #expect(name(table, 0x1010) == "other")
        }
    }

    /// A function inside another: the better view takes the inner one. perf takes whichever its tree meets first.
    @Test func overlaps() throws {
        let (perf, best) = try tables(
            ELFBuilder(symbols: [
                .init(name: "outer", value: 0x1000, size: 0x100), .init(name: "inner", value: 0x1010, size: 0x10),
                .init(name: "after", value: 0x1200, size: 0x10),
            ]))
        #expect([0x1000, 0x1010, 0x101F, 0x1020].map { name(best, $0) } == ["outer", "inner", "inner", "outer"])
        // Inserting 0x1000, 0x1010, 0x1200 turns the tree: 0x1010 becomes the root, and what lies right of it is not
        // found in `outer` any more.
        #expect([0x1000, 0x1010, 0x101F, 0x1020].map { name(perf, $0) } == ["outer", "inner", "inner", "-"])
    }

    @Test func sizesThatOverflowAreCut() throws {
        let (perf, best) = try tables(
            ELFBuilder(symbols: [
                .init(name: "huge", value: 0x1000, size: .max), .init(name: "next", value: 0x1100, size: 1),
            ]))
        #expect(name(best, 0x2000) == "huge")
        #expect(name(perf, 0x10FF) == "huge")
    }

    @Test func armMappingSymbolsNameNothing() throws {
        let (perf, _) = try tables(
            ELFBuilder(
                machine: 183, symbols: [.init(name: "$x", value: 0x1000, type: 0), .init(name: "f", value: 0x1100)]))
        #expect(name(perf, 0x1000) == "-")
        #expect(name(perf, 0x1100) == "f")
    }
}
