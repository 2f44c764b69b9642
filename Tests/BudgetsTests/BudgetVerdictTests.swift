import Budgets
import Reports
@testable import SpawnModel
import SpawnStatistics
import Testing

@Suite struct BudgetVerdictTests {
    private func session() -> MadeSession {
        var session = MadeSession()
        session.add(3, "/usr/bin/cc", from: ["_start", "main", "compile", "vfork"])
        session.add(2, "/usr/bin/git", from: ["_start", "main", "stamp", "vfork"])
        session.add(1, nil, from: ["_start", "main", "work", "fork"])
        return session
    }

    @Test func exactCountsAreWithin() throws {
        let verdict = try session().verdict(
            """
            - {name: all, spawns: 6, execs: 5, forked: 1, failed: 0, failed_attempts: 0}
            - {name: git, program: git, spawns: 2}
            - {name: stamp, callsite: stamp, spawns: 2, forked: 0}
            - {name: both, callsite: main, program: cc, spawns: 3}
            - {name: no shells, program: sh, spawns: 0}
            """)
        #expect(verdict.conclusion == .within && verdict.mistakes.isEmpty)
        #expect(verdict.entries.map(\.spawns) == [6, 2, 2, 3, 0])
        #expect(verdict.summary == "within budget: 20 limits kept")
    }

    @Test func oneTooManyIsOverAndNamed() throws {
        let verdict = try session().verdict(
            """
            - {name: all, spawns: 4}
            - {name: compile, callsite: compile, spawns: 2}
            - {name: work, callsite: work, spawns: 1}
            - {name: cc, program: cc, spawns: 3}
            """)
        #expect(verdict.conclusion == .over && verdict.summary == "over budget: 2 of 12 limits exceeded")
        let row = try #require(verdict.row("all", "spawns"))
        #expect(row.figure == 6 && row.conclusion == .over)
        // `stamp` is in no budget of a call site, `compile` in one that is exceeded; the rest is as it may be.
        #expect(row.causes.map(\.place) == ["main > stamp [make]", "main > compile [make]"])
        #expect(row.causes.map(\.amount) == [2, 3] && row.rest == 1)
        #expect(row.causes.map(\.isNewCallSite) == [true, false] && row.causes.map(\.isOver) == [false, true])
        #expect(row.causes.map(\.isNewProgram) == [true, false])
        #expect(verdict.row("compile", "spawns")?.causes.map(\.amount) == [3])
        #expect(verdict.row("work", "spawns")?.causes.isEmpty == true)
    }

    /// Without budgets of its kind, nothing is called new; the largest part stands first.
    @Test func nothingIsNewToAFileOfTotals() throws {
        let row = try #require(try session().verdict("- {name: all, spawns: 5}").row("all", "spawns"))
        #expect(row.causes.map(\.amount) == [3, 2, 1] && row.rest == 0)
        #expect(row.causes.allSatisfy { !$0.isNewCallSite && !$0.isNewProgram && !$0.isOver })
        #expect(row.causes.map { $0.program?.text } == ["/usr/bin/cc", "/usr/bin/git", "[forked]"])
    }

    @Test func onlySoManyCausesAreNamed() throws {
        var session = MadeSession()
        for index in 0..<9 { session.add(index + 1, "/bin/x", from: ["main", "f\(index)"]) }
        let row = try #require(try session.verdict("- {name: all, spawns: 0}").row("all", "spawns"))
        #expect(row.causes.map(\.amount) == [9, 8, 7, 6, 5] && row.rest == 10)
    }

    /// Leaks are forbidden where the file says nothing of them.
    @Test func leaksAreLimitedByDefault() throws {
        var session = session()
        session.add(1, "/bin/leak", from: ["main", "leak"]) { $0.isUnreaped = true }
        session.add(1, "/bin/daemon", from: ["main", "detach"]) { $0.isOrphaned = true }
        let verdict = try session.verdict(
            "- {name: all, spawns: 8}\n- {name: allowed, spawns: 8, unreaped: 1, orphaned: 1}")
        #expect(verdict.row("all", "unreaped")?.conclusion == .over)
        #expect(verdict.row("all", "orphaned")?.causes.map(\.place) == ["main > detach [make]"])
        #expect(verdict.entries[1].conclusion == .within && verdict.conclusion == .over)
    }

    /// What the command itself executed after its first belongs to the whole run, and to no call site.
    @Test func theCommandsOwnExecsCount() throws {
        var session = session()
        session.totals.execs += 2
        session.totals.failedAttempts += 1
        let verdict = try session.verdict(
            "- {name: all, execs: 5, failed_attempts: 0}\n- {name: m, callsite: main, execs: 5}")
        let row = try #require(verdict.row("all", "execs"))
        #expect(row.figure == 7 && row.causes.map(\.place).contains("the command itself"))
        #expect(verdict.row("all", "failed_attempts")?.causes.map(\.amount) == [1])
        #expect(verdict.row("m", "execs")?.conclusion == .within)
    }

    @Test func timesHaveQuantiles() throws {
        var session = MadeSession()
        session.add(99, "/bin/fast", from: ["main", "fast"], exec: 100_000)
        session.add(1, "/bin/slow", from: ["main", "slow"], exec: 5_000_000)
        let verdict = try session.verdict(
            """
            - {name: a, p50: {exec: 101us}, p99: {exec: 101us, overhead: 200us}, max: {exec: 5ms}}
            - {name: b, p50: {exec: 99us}, max: {exec: 4.9ms, total: 1s}}
            """)
        #expect(verdict.entries[0].conclusion == .within)
        #expect(verdict.row("a", "max.exec")?.figure == 5_000_000)
        #expect(verdict.row("b", "max.exec")?.causes.map(\.place) == ["main > slow [make]"])
        #expect(verdict.row("b", "p50.exec")?.causes.map(\.amount) == [99, 1])
    }

    @Test func aTimeThatIsNotKnownIsUnknown() throws {
        var session = session()
        session.add(1, "/bin/x") { $0.borders.execReturned = nil }
        let verdict = try session.verdict(
            "- {name: a, p99: {exec: 1s, wake: 1s}}\n- {name: b, program: git, p99: {exec: 1s}}")
        #expect(verdict.row("a", "p99.exec")?.reason == "exec is not known of 1 spawn")
        #expect(verdict.row("a", "p99.wake")?.conclusion == .within)
        #expect(verdict.entries[1].conclusion == .within && verdict.conclusion == .unknown)
    }

    /// Of what a session has no events of, nothing is said; spawns are still counted.
    @Test func missingEventsAreUnknown() throws {
        var session = session()
        session.facts.coverage = [.creations]
        session.facts.stacks = 0
        let verdict = try session.verdict(
            """
            - {name: all, spawns: 6, execs: 9, forked: 9, failed: 9, failed_attempts: 9, unreaped: 9, max: {link: 1s}}
            - {name: p, program: git, spawns: 9}
            - {name: c, callsite: main, spawns: 9}
            """)
        let known = verdict.entries[0].rows.filter { $0.conclusion == .within }.map(\.limit.metric.name)
        #expect(known == ["spawns", "orphaned"] && verdict.conclusion == .unknown)
        #expect(
            verdict.entries[1...].allSatisfy { $0.rows.allSatisfy { $0.conclusion == .unknown && $0.figure == nil } })
        #expect(verdict.mistakes.isEmpty)
    }

    @Test(
        arguments: [
            .lost(1), .cut, .endedEarly("max-size"), .damagedRecords(2), .commandFailed(status: 2, signal: nil),
            .commandFailed(status: nil, signal: 9),
        ] as [BudgetVerdict.Doubt])
    func doubtsAreNeverWithin(doubt: BudgetVerdict.Doubt) throws {
        var session = session()
        session.doubts = [doubt]
        let small = try session.verdict("- {name: all, spawns: 100}\n- {name: none, program: nothing, spawns: 1}")
        #expect(small.conclusion == .unknown && small.mistakes.isEmpty)
        #expect(small.summary.contains(doubt.text) && small.row("all", "spawns")?.reason == doubt.text)
        // What was seen is there, however much more there was.
        #expect(try session.verdict("- {name: all, spawns: 5}").conclusion == .over)
        #expect(try session.verdict("- {name: all, execs: 4}").conclusion == .over)
        // An exec that was lost makes a fork of a program's start.
        let forked = try session.verdict("- {name: all, forked: 0}").conclusion
        #expect(forked == (doubt == .lost(1) || !doubt.text.hasPrefix("the command") ? .unknown : .over))
    }

    /// What a program no longer does is within, and said: a typing mistake looks the same.
    @Test func aBudgetOfNothingIsKeptAndTold() throws {
        let verdict = try session().verdict(
            "- {name: all, spawns: 9}\n- {name: gone, program: ninja, spawns: 2}\n- {name: off, callsite: nowhere, spawns: 1}"
        )
        #expect(
            verdict.mistakes.map { $0.message(path: "b.yml") }.map { String($0.prefix(48)) } == [
                "b.yml:4:3: budget 'gone' matches no spawn of the", "b.yml:5:3: budget 'off' matches no spawn of the ",
            ])
        #expect(verdict.conclusion == .within && verdict.row("gone", "spawns")?.figure == 0)
        #expect(
            verdict.summary.hasPrefix("within budget: ") && verdict.summary.hasSuffix(" kept, 2 budgets match nothing"))
        let warning =
            "budget 'gone' matches no spawn of the session: what it limits is gone, or its selector is mistaken"
        #expect(verdict.textLines(path: "b.yml").contains("    warning: " + warning))
        #expect(verdict.markdown(path: "b.yml").contains("| 0 | 2 | ok, matches nothing |"))
        #expect(verdict.jUnit(path: "b.yml").contains("errors=\"0\""))
        var strict = verdict
        strict.isStrict = true
        #expect(strict.jUnit(path: "b.yml").contains("errors=\"2\""))
        // What is over elsewhere is over, and one that allows none is what it is for.
        let over = try session().verdict("- {name: all, spawns: 1}\n- {name: gone, program: ninja, spawns: 2}")
        #expect(over.conclusion == .over && over.mistakes.count == 1)
        #expect(try session().verdict("- {name: ban, program: ninja, spawns: 0}").warnings.isEmpty)
    }

    @Test func ofASessionThatNobodyCouldReadNothingIsTold() throws {
        var session = session()
        session.doubts = [.unreadable("it is gone")]
        let verdict = try session.verdict("- {name: all, spawns: 1}\n- {name: gone, program: ninja, spawns: 2}")
        #expect(verdict.conclusion == .unknown && verdict.mistakes.isEmpty)
        #expect(verdict.entries.allSatisfy { $0.rows.allSatisfy { $0.figure == nil && $0.conclusion == .unknown } })
        #expect(verdict.summary.hasSuffix("the session could not be read: it is gone"))
    }

    @Test func truncatedStacksAreNoted() throws {
        var session = session()
        session.add(2, "/bin/x", from: ["[truncated]", "inner"])
        let verdict = try session.verdict("- {name: all, spawns: 8}\n- {name: m, callsite: main, spawns: 6}")
        #expect(verdict.conclusion == .within && verdict.truncatedSpawns == 2)
        #expect(verdict.notes.first?.hasPrefix("2 spawns with a truncated stack") == true)
        #expect(try session.verdict("- {name: all, spawns: 8}").notes.isEmpty)
    }

    /// A program may make up any number of paths and call sites.
    @Test func memoryIsBounded() throws {
        var evaluation = BudgetEvaluation(
            try BudgetFile("- {name: all, spawns: 1}\n- {name: x, program: x, spawns: 0}"))
        var session = MadeSession()
        session.add(1, "/bin/x")
        let base = session.spawns[0].spawn
        var aggregate = SpawnAggregate()
        let place = aggregate.place(ofCallSite: 1, comm: "m") { ["main"] }
        let count = SpawnAggregate.limit + 100
        for index in 0..<count {
            var spawn = base
            spawn.path = "/tmp/\(index)"
            evaluation.add(spawn, callSite: aggregate.callSites[place])
        }
        let row = try #require(evaluation.verdict(session.report(), doubts: []).row("all", "spawns"))
        #expect(row.figure == UInt64(count) && row.causes.count == BudgetVerdict.mostCauses)
        #expect(row.causes.reduce(row.rest) { $0 + $1.amount } == UInt64(count))
    }
}
