import Folding
import Profiles
import TestSupport
import Testing

@Suite struct FoldedTextTests {
    private static func fold(_ stacks: [([String], UInt64)]) -> String {
        var tree = CallTree()
        var names = NameTable()
        for (stack, weight) in stacks {
            var node = CallTree.root
            for name in stack { node = tree.child(of: node, named: names.intern(name)) }
            tree.add(weight, at: node)
        }
        var text: [UInt8] = []
        FoldedText(tree, names: names).write { piece in
            text += piece
            return true
        }
        return String(decoding: text, as: UTF8.self)
    }

    @Test func sameStacksAddUp() {
        #expect(Self.fold([(["a", "b"], 2), (["a"], 1), (["a", "b"], 3)]) == "a 1\na;b 5\n")
    }

    @Test func aNameThatStartsWithAnotherSortsAsBytesDo() {
        // '!' sorts before ';', which sorts before 'b'.
        let text = Self.fold([(["a", "x"], 1), (["a!"], 1), (["a"], 1), (["ab"], 1)])
        #expect(text == "a 1\na! 1\na;x 1\nab 1\n")
    }

    @Test func separatorsInsideNamesDoNotBreakLines() {
        #expect(Self.fold([(["a;b\nc", "d\u{1b}[0m"], 1)]) == "a:b\\u{a}c;d\\u{1b}[0m 1\n")
    }

    @Test func weightsSaturate() {
        #expect(Self.fold([(["a"], .max), (["a"], 1)]) == "a \(UInt64.max)\n")
    }

    @Test func nothingIsNothing() {
        #expect(Self.fold([]).isEmpty)
        #expect(Self.fold([(["a"], 0)]).isEmpty)
    }

    @Test func aVeryDeepStackNeedsNoStackOfOurs() {
        let deep = (0..<200_000).map { _ in "f" }
        #expect(Self.fold([(deep, 1)]).utf8.count == 200_000 * 2 - 1 + 3)
    }

    @Test func itStopsWhenNobodyReads() {
        var tree = CallTree()
        var names = NameTable()
        for number in 0..<50_000 {
            tree.add(1, at: tree.child(of: CallTree.root, named: names.intern("name\(number)")))
        }
        var pieces = 0
        FoldedText(tree, names: names).write { _ in
            pieces += 1
            return false
        }
        #expect(pieces == 1)
    }

    @Test(arguments: [RandomSeed.ofThisRun])
    func linesAreSortedAsSortDoes(seed: UInt64) {
        var random = Xorshift(seed: seed)
        let letters = ["a", "b", "a!", "ab", "a_", "é", "Z", "[x]", "a b", "~"]
        var sums: [String: UInt64] = [:]
        var stacks: [([String], UInt64)] = []
        for _ in 0..<2000 {
            let stack = (0...random.next(below: 5)).map { _ in letters[random.next(below: letters.count)] }
            let weight = UInt64(random.next(below: 9) + 1)
            stacks.append((stack, weight))
            sums[stack.joined(separator: ";"), default: 0] += weight
        }
        let expected = sums.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map {
            "\($0) \(sums[$0] ?? 0)\n"
        }
        #expect(Self.fold(stacks) == expected.joined())
    }
}
