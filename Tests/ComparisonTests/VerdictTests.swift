import Reports
import Testing

@testable import Comparison

@Suite struct VerdictTests {
    private func compare(
        _ base: [RunSummary], _ head: [RunSummary], _ change: (inout ComparisonOptions) -> Void = { _ in }
    ) -> ComparisonResult {
        var options = ComparisonOptions()
        change(&options)
        return RunComparison.compare(base: base, head: head, options)
    }

    @Test func alikeSidesAreTheSame() {
        let head = Array(calm.dropFirst(3) + calm.prefix(3))
        let result = compare(RunSummary.side("a", calm, turn: 0), RunSummary.side("b", head, turn: 1))
        #expect(result.verdict == .same && result.exitStatus == 0)
        if case .paired(let pairs) = result.order { #expect(pairs.count == 10) } else { Issue.record("not paired") }
    }

    @Test(arguments: [true, false]) func tenPercentMoreIsWorse(inTurns: Bool) {
        let result = compare(
            RunSummary.side("a", calm, turn: inTurns ? 0 : nil),
            RunSummary.side("b", calm.reversed().map { $0 * 1.1 }, turn: inTurns ? 1 : nil))
        #expect(result.verdict == .worse && result.exitStatus == 1)
        #expect(result.gate(.time(.overhead))?.verdict == .worse)
        #expect(abs((result.gate(.time(.overhead))?.ratio ?? 0) - 1.1) < 0.001)
        let faster = compare(RunSummary.side("a", calm.map { $0 * 1.1 }), RunSummary.side("b", calm))
        #expect(faster.verdict == .better && faster.exitStatus == 0)
    }

    /// Significant, and smaller than anyone asked for.
    @Test func aChangeBelowTheThresholdIsNotWorse() {
        let base = RunSummary.side("a", calm, turn: 0)
        let head = RunSummary.side("b", calm.map { $0 * 1.02 }, turn: 1)
        #expect(compare(base, head).verdict == .same)
        #expect(compare(base, head) { $0.threshold = 0.01 }.verdict == .worse)
    }

    @Test func theSameInputHasTheSameVerdict() {
        let base = RunSummary.side("a", calm.map { $0 * $0 * $0 })
        let head = RunSummary.side("b", calm.reversed().map { $0 * 1.03 })
        let results = (0..<3).map { _ in compare(base, head) }
        #expect(results[0].whole == results[1].whole && results[1].whole == results[2].whole)
    }

    @Test func fewRunsCannotTellAndSayHowManyWould() {
        let result = compare(
            RunSummary.side("a", Array(calm.prefix(5))), RunSummary.side("b", calm.prefix(5).map { $0 * 1.3 }))
        #expect(result.exitStatus == 3)
        #expect(result.gate(.time(.overhead))?.reason == .tooFewRuns(needed: 6))
        let enough = compare(
            RunSummary.side("a", Array(calm.prefix(6))), RunSummary.side("b", calm.prefix(6).map { $0 * 1.3 }))
        #expect(enough.exitStatus == 1)
    }

    /// Recorded one side after the other, a machine that gets slower all the while is no regression.
    @Test func aDriftIsNoRegression() {
        let runs = (0..<20).map {
            RunSummary.made("r\($0)", factor: (1 + 0.02 * Double($0)) * calm[$0 % 10], start: UInt64($0 + 1))
        }
        let result = compare(Array(runs.prefix(10)), Array(runs.suffix(10)))
        #expect(result.verdict == .inconclusive)
        #expect(result.gate(.time(.overhead))?.reason == .drift && result.gate(.time(.overhead))?.interval == nil)
        // In turns it is in both sides.
        let turns = compare(
            stride(from: 0, to: 20, by: 2).map { runs[$0] }, stride(from: 1, to: 20, by: 2).map { runs[$0] })
        #expect(turns.gates.allSatisfy { $0.verdict != .worse })
    }

    @Test func countsOfOneRunASide() {
        let base = [RunSummary.made("a")]
        #expect(compare(base, [RunSummary.made("b", spawns: 101)]).exitStatus == 1)
        #expect(compare(base, [RunSummary.made("b")]).exitStatus == 3)
        #expect(compare(base, [RunSummary.made("b")]) { $0.countsOnly = true }.exitStatus == 0)
        let fewer = compare(base, [RunSummary.made("b", spawns: 99)]) { $0.countsOnly = true }
        #expect(fewer.verdict == .better && fewer.exitStatus == 0)
    }

    /// A count that varies from run to run is tested as times are.
    @Test func countsThatVary() {
        func side(_ name: String, _ counts: [Int]) -> [RunSummary] {
            counts.enumerated().map { RunSummary.made("\(name)\($0)", factor: calm[$0 % 10], spawns: $1) }
        }
        let few = compare(side("a", [10, 11, 10]), side("b", [11, 10, 11])) { $0.countsOnly = true }
        #expect(few.exitStatus == 3 && few.gate(.count(.spawns))?.isExact == false)
        let many = compare(
            side("a", [10, 11, 10, 12, 11, 10, 10, 11]), side("b", [20, 22, 21, 20, 21, 23, 20, 20])
        ) { $0.countsOnly = true }
        #expect(many.exitStatus == 1)
    }

    @Test func whatIsNotKnownIsUnclear() {
        var head = RunSummary.made("b")
        head.whole.counts[.failedAttempts] = nil
        head.whole.times[.overhead] = nil
        let result = compare([RunSummary.made("a")], [head])
        #expect(result.gate(.count(.failedAttempts))?.reason == .notKnown)
        #expect(result.gate(.time(.overhead))?.reason == .notKnown && result.exitStatus == 3)
    }

    @Test func nothingIsEverNotANumber() {
        let odd: [Double] = [0, 1e-300, 1e300, 5]
        var made: [RunSummary] = []
        for (index, factor) in odd.enumerated() {
            var run = RunSummary.made("r\(index)", spawns: index, start: UInt64(index))
            run.whole.times = [.overhead: factor, .duration: 0, .blocked: factor * 1e8]
            made.append(run)
        }
        for count in 1...3 {
            let result = compare(Array(made.prefix(count)), Array(made.suffix(4 - count)))
            let json = String(decoding: ComparisonJSON.bytes(result), as: UTF8.self)
            #expect(!json.contains("nan") && !json.contains("inf"))
            let text = ComparisonText(result, ComparisonText.Options()).lines.joined(separator: "\n")
            #expect(!text.contains("nan") && !text.contains("inf"))
            #expect(!ComparisonMarkdown.text(result).contains("nan"))
        }
        // Times that are 0 throughout are the same, once there are runs enough to say so.
        let zero = compare(RunSummary.side("a", calm), RunSummary.side("b", calm)) {
            $0.gates = (try? GateSelection(["none", "search"])) ?? GateSelection()
        }
        #expect(zero.verdict == .same && zero.gates.first?.ratio == nil)
    }

    @Test func problemsBlock() {
        let base = RunSummary.side("a", calm, turn: 0)
        func result(
            _ change: (inout RunFacts) -> Void, _ options: (inout ComparisonOptions) -> Void = { _ in }
        ) -> ComparisonResult {
            var head = RunSummary.side("b", calm, turn: 1)
            change(&head[3].facts)
            return compare(base, head, options)
        }
        #expect(result { _ in }.exitStatus == 0)
        #expect(result { $0.isCut = true }.exitStatus == 3)
        #expect(result { $0.lost = 1 }.problems.map(\.kind) == [.lost])
        #expect(result { $0.failure = "exited with 1" }.exitStatus == 3)
        #expect(result({ $0.failure = "exited with 1" }, { $0.ignoresFailure = true }).exitStatus == 0)
        for change: (inout RunFacts) -> Void in [
            { $0.machine = "other" }, { $0.kernel = "5.15" }, { $0.command = ["ninja"] },
            { $0.exitEvent = "after-teardown" },
            { $0.recording = "--link" },
        ] {
            #expect(result(change).exitStatus == 3)
            #expect(result(change, { $0.allowsDifferentMachines = true }).exitStatus == 0)
        }
        #expect(result({ $0.command = ["ninja"] }, { $0.expectsOtherCommand = true }).exitStatus == 0)
        // A session on both sides is no second run, and no option makes it one.
        let repeated = result({ $0.identity = "a0" }, { $0.allowsDifferentMachines = true })
        #expect(repeated.exitStatus == 3 && repeated.problems.first?.text.contains("is on both sides (a0)") == true)
    }

    /// Children whose end is missing look unreaped; but of spawns there were at least as many as were seen.
    @Test func anIncompleteSessionMakesNothingWorse() {
        var head = RunSummary.made("b", spawns: 120)
        head.whole.counts[.unreaped] = 7
        head.facts.isCut = true
        let more = compare([RunSummary.made("a")], [head])
        #expect(more.gate(.count(.spawns))?.verdict == .worse && more.gate(.count(.unreaped))?.reason == .incomplete)
        var base = RunSummary.made("a")
        base.facts.lost = 3
        #expect(compare([base], [RunSummary.made("b", spawns: 120)]).exitStatus == 3)
    }

    @Test func gatesAreAddedAndReplaced() throws {
        #expect(try GateSelection([]).gates.count == 7)
        #expect(try GateSelection(["exec"]).gates.count == 8)
        #expect(try GateSelection(["none", "counts"]).gates.count == 5)
        #expect(try GateSelection(["failed-attempts"]).gates.count == 7)
        let gates = try GateSelection(["none", "program:*/git:spawns", "callsite:main.render:overhead"])
        #expect(gates.has(.count(.spawns), of: .program("/usr/bin/git")))
        #expect(!gates.has(.count(.spawns), of: .program("/usr/bin/sh")) && !gates.has(.count(.spawns), of: .whole))
        for wrong in ["nothing", "program:git", "file:x:spawns", "program::spawns", "program:x:duration", ":spawns"] {
            #expect(throws: GateSelectionError.self, "\(wrong)") { try GateSelection([wrong]) }
        }
        let result = compare([RunSummary.made("a")], [RunSummary.made("b")]) { $0.gates = gates }
        #expect(result.problems.map(\.kind) == [.unmatchedGate, .unmatchedGate] && result.exitStatus == 3)
    }
}
