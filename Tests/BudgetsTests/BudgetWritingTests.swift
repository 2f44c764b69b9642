import Budgets
import Reports
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

@Suite struct BudgetWritingTests {
    private func session() -> MadeSession {
        var session = MadeSession()
        session.add(3, "/usr/bin/cc", from: ["_start", "main", "compile", "vfork"])
        session.add(2, "/usr/bin/git", from: ["_start", "main", "stamp", "vfork"]) { $0.failedAttempts = 1 }
        session.add(1, "/opt/bin/git", from: ["_start", "main", "stamp", "vfork"]) { $0.isUnreaped = true }
        session.add(1, nil, from: ["_start", "fork"], comm: "sh")
        return session
    }

    @Test func aFileFromASession() throws {
        let text = session().draft
        #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false).drop { !$0.hasPrefix("schema") }
                .joined(separator: "\n") == """
                    schema: spawnscope.budget/1
                    budgets:
                      - name: whole run
                        spawns: 7
                        execs: 6
                        forked: 1
                        failed: 0
                        failed_attempts: 2
                        unreaped: 1
                        # Times differ from run to run; one with much room can still be set:
                        # p99: { exec: 100ms }

                      # Programs, by the last part of their path
                      - name: "cc"
                        program: "cc"
                        spawns: 3
                      - name: "git"
                        program: "git"
                        spawns: 3
                        unreaped: 1

                      # Call sites, by functions of the program's own, outermost first
                      - name: "at main > compile"
                        callsite: "main > compile"
                        spawns: 3
                      - name: "at main > stamp"
                        callsite: "main > stamp"
                        spawns: 3
                        unreaped: 1

                    """)
        #expect(text.hasPrefix("# What may be spawned by: make all\n"))
    }

    /// The names of anything in it: what is written is read again, is met exactly, and one more spawn of anything is too much.
    @Test(arguments: 1...20)
    func aFileIsAlwaysItsOwnSessions(seed: UInt64) throws {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        let alphabet = Array(
            "ab/*?[]\\\"': #&!%@-{}>,|\n\t\u{0}\u{1b}\u{85}\u{2028}\u{feff}\u{202e}ü🎛~" + "\u{e0001}\u{10fffd}\u{200b}")
        func text() -> String {
            String((0..<1 + random.next(below: 8)).map { _ in alphabet[random.next(below: alphabet.count)] })
        }
        var session = MadeSession()
        session.facts.command = [text(), text()]
        for _ in 0..<30 {
            session.add(
                1 + random.next(below: 3), random.next(below: 5) == 0 ? nil : "/\(text())", from: [text(), text()],
                comm: text())
        }
        let written = session.draft
        let file = try BudgetFile(yaml: Array(written.utf8))
        let verdict = session.verdict(file)
        #expect(
            verdict.conclusion == .within && verdict.mistakes.isEmpty, "seed \(seed): \(verdict.summary)\n\(written)")
        for of in verdict.entries.flatMap(\.rows) where of.limit.source != nil {
            #expect(of.figure == of.limit.most, "seed \(seed)")
        }
        session.add(1, "/new", from: ["new"])
        #expect(session.verdict(file).conclusion == .over, "seed \(seed)")
    }

    @Test func onlySoManyAreWritten() throws {
        var session = MadeSession()
        for index in 0..<70 { session.add(1, "/bin/p\(index)x", from: ["main", "f\(index)x"]) }
        let text = session.draft
        let file = try BudgetFile(yaml: Array(text.utf8))
        #expect(file.budgets.count == 1 + 2 * BudgetDraft.mostOfEach && text.contains("; the first 50 of 70"))
        #expect(session.verdict(file).conclusion == .within)
    }

    // MARK: - Update

    private func update(_ text: String, to session: MadeSession) throws -> (text: String, notes: [String]) {
        let bytes = Array(text.utf8)
        let update = BudgetUpdate(of: bytes, to: session.verdict(try BudgetFile(yaml: bytes)))
        return (String(decoding: update.bytes, as: UTF8.self), update.notes)
    }

    /// Numbers go up and down; comments, quotes, order, line ends and a byte order mark stay as they are.
    @Test(arguments: ["\n", "\r\n"], ["", "\u{feff}"])
    func onlyNumbersChange(lineEnd: String, mark: String) throws {
        let text = """
            # ünïcödé 🎛 before: 1
            budgets:   # 3 budgets
              - name: 'whole'   # spawns: 12
                spawns:    1000   # was 1000
                execs: 6
                unreaped: 0
              - {spawns: 2, name: "git 2", program: git, max: {total: 9s}, unreaped: 1}

              -   callsite: stamp
                  spawns: 9
                  unreaped: 1
                  name: ü 9
            schema: spawnscope.budget/1
            # the end, without a line end
            """
        let expected = text.replacing("   1000   #", with: "   7   #").replacing("unreaped: 0", with: "unreaped: 1")
            .replacing("spawns: 2,", with: "spawns: 3,").replacing("spawns: 9\n", with: "spawns: 3\n")
        func written(_ text: String) -> String { mark + text.replacing("\n", with: lineEnd) }
        let (updated, notes) = try update(written(text), to: session())
        #expect(updated == written(expected) && notes.isEmpty)
        #expect(session().verdict(try BudgetFile(yaml: Array(updated.utf8))).conclusion == .within)
        // Once more changes nothing.
        #expect(try update(updated, to: session()).text == updated)
    }

    @Test func leaksAndTimesAreNotAllowedByUpdate() throws {
        let text = "schema: spawnscope.budget/1\nbudgets:\n- name: all\n  spawns: 1\n  max: {exec: 1ns}\n"
        let (updated, notes) = try update(text, to: session())
        #expect(updated == text.replacing("spawns: 1\n", with: "spawns: 7\n"))
        #expect(notes.count == 2 && notes.contains { $0.contains("unreaped is 1, and 0 unless the file says") })
        #expect(notes.contains { $0.contains("max.exec: 40.0 µs, at most 1 ns") })
    }

    // MARK: - Difference

    /// Beside diff(1).
    @Test(arguments: 1...12)
    func differencesAreThoseOfDiff(seed: UInt64) throws {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        let count = 1 + random.next(below: 40)
        var old = (0..<count).map { "line \($0)\n" }
        if random.next(below: 2) == 0 { old[count - 1] = "last" }
        var new = old
        for _ in 0...random.next(below: 5) {
            let line = random.next(below: count)
            new[line] = "changed " + old[line]
        }
        let (before, after) = (Array(old.joined().utf8), Array(new.joined().utf8))
        let lines = UnifiedDiff.lines(from: before, to: after, path: "f").map { $0 + "\n" }.joined()
        try Compiler.withDirectory { directory in
            try Compiler.write(before, to: directory + "/old")
            try Compiler.write(after, to: directory + "/new")
            let diff = try ProgramRun(
                "diff", "-u", "--label", "f", "--label", "f", directory + "/old", directory + "/new")
            // A hunk of one line has no count there.
            #expect(lines.replacing(",1 ", with: " ") == diff.output, "seed \(seed)")
        }
    }

    @Test func noDifference() {
        #expect(UnifiedDiff.lines(from: [65, 10], to: [65, 10], path: "f").isEmpty)
    }
}
