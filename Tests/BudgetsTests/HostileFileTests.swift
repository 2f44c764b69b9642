import Budgets
import TestSupport
import Testing

/// A budget file is whatever somebody committed: read or refused, never a trap.
@Suite struct HostileFileTests {
    private static let file = Array(
        """
        # a comment
        schema: spawnscope.budget/1
        budgets:
          - name: whole run                 # no selector: everything
            spawns: 120
            unreaped: 0
          - {name: "git \\u00fc", program: "*/git[!a-z]?", failed_attempts: 3}
          - name: 'it''s'
            callsite: |
              main.render > b
            spawns: 1
            p99: { exec: 2ms, total: 1.5s }
        ...

        """.utf8)

    private static let pieces: [[UInt8]] =
        [
            "&a ", "*a", "!!", "!<x>", "---\n", "...\n", "%TAG ! x\n", "? ", ": ", "- ", "[", "]", "{", "}", "|", ">",
            "\"", "'",
            "\\", "\t", "\r", "\n", "#", "~", "<<: ", "9999999999999999999999", "ns", ", ", "\u{85}", "\u{2028}",
            "\u{feff}",
        ].map { Array($0.utf8) } + [[0], [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]

    private func mutated(_ random: inout Xorshift) -> [UInt8] {
        var bytes = Self.file
        for _ in 0...random.next(below: 8) {
            let place = random.next(below: bytes.count + 1)
            switch random.next(below: 5) {
            case 0 where place < bytes.count: bytes[place] = UInt8(random.next(below: 256))
            case 1 where place < bytes.count:
                bytes.removeSubrange(place..<min(bytes.count, place + random.next(below: 30)))
            case 2: bytes.removeLast(min(bytes.count, random.next(below: 40)))
            case 3:
                let from = random.next(below: bytes.count + 1)
                let piece = Array(bytes[from..<min(bytes.count, from + random.next(below: 60))])
                bytes.insert(contentsOf: piece, at: place)
            default: bytes.insert(contentsOf: Self.pieces[random.next(below: Self.pieces.count)], at: place)
            }
        }
        return bytes
    }

    @Test(arguments: 1...40)
    func mutatedFilesNeverTrap(seed: UInt64) {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        var session = MadeSession()
        session.add(4, "/usr/bin/git1", from: ["main.render", "b"])
        var (read, refused) = (0, 0)
        for round in 0..<250 {
            let bytes = mutated(&random)
            do throws(BudgetFileError) {
                let file = try BudgetFile(yaml: bytes)
                read += 1
                let verdict = session.verdict(file)
                let update = BudgetUpdate(of: bytes, to: verdict)
                // A file that was read can be read with other numbers in it, and holds those.
                let again = try BudgetFile(yaml: update.bytes)
                let left = session.verdict(again).entries
                let isByHand = update.notes.contains { $0.hasSuffix("remove it by hand") }
                #expect(isByHand || !left.contains(where: \.matchesNothing), "seed \(seed), round \(round)")
                let isExact = left.filter { !$0.matchesNothing }.flatMap(\.rows).allSatisfy {
                    $0.limit.source == nil || $0.limit.metric.isTime || $0.figure == $0.limit.most
                }
                #expect(isExact, "seed \(seed), round \(round)")
                _ = UnifiedDiff.lines(from: bytes, to: update.bytes, path: "f", removed: update.removedLines)
                #expect(!verdict.textLines(path: "f").contains { $0.contains("\n") })
            } catch {
                refused += 1
                let lines = bytes.count { $0 == 10 || $0 == 13 } + bytes.count { $0 == 0x85 || $0 == 0xa8 } + 2
                #expect(!error.message(path: "f").contains("\n"), "seed \(seed), round \(round)")
                if let position = error.position {
                    #expect(1...lines ~= position.line && position.column >= 1, "seed \(seed), round \(round)")
                }
            }
        }
        #expect(read > 0 && refused > 0, "seed \(seed)")
    }

    @Test func theFileItselfIsRead() throws {
        #expect(try BudgetFile(yaml: Self.file).budgets.map(\.name) == ["whole run", "git ü", "it's"])
    }

    /// Texts of the file stand in what is said of it: none of them ends the line, or turns the direction of writing.
    @Test(arguments: ["spawns: 120\n \n      x >", "spawns: \"\\u202e1\"", "\"a\\nb\": 1", "p99: { exec: \"\\e[2J\" }"])
    func aMessageIsOneLine(limit: String) throws {
        let text = "schema: spawnscope.budget/1\nbudgets:\n  - name: whole run\n    \(limit)\n"
        let error = try #require(throws: BudgetFileError.self) { try BudgetFile(yaml: Array(text.utf8)) }
        let message = error.message(path: "f\nforged: line")
        #expect(message.hasPrefix("f\\u{a}forged: line:"))
        #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{202e}" }, "\(message)")
    }

    /// Every beginning of it.
    @Test func cutFilesNeverTrap() {
        for length in Self.file.indices { _ = try? BudgetFile(yaml: Array(Self.file[..<length])) }
    }
}
