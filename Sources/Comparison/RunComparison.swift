/// Compares two sets of runs, metric by metric.
package struct RunComparison {
    private let base: [RunSummary]
    private let head: [RunSummary]
    private let options: ComparisonOptions
    private let order: RecordingOrder

    package static func compare(
        base: [RunSummary], head: [RunSummary], _ options: ComparisonOptions = ComparisonOptions()
    ) -> ComparisonResult {
        RunComparison(base: base, head: head, options).result()
    }

    private init(base: [RunSummary], head: [RunSummary], _ options: ComparisonOptions) {
        let names = CallSiteMatch.renamed(
            base: Set(base.flatMap(\.callSites.keys)), head: Set(head.flatMap(\.callSites.keys)))
        let tellsTimes = Comparability.areOfOneRecorder(base + head)
        self.base = tellsTimes ? base : base.map(\.countsAlone)
        self.head = head.map { run in
            var run = tellsTimes ? run : run.countsAlone
            run.callSites = Dictionary(
                run.callSites.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
            return run
        }
        self.options = options
        order = RecordingOrder(base: base.map(\.facts.start), head: head.map(\.facts.start))
    }

    private func result() -> ComparisonResult {
        var scopes = [
            (scope: Scope.whole, base: base.map { Optional($0.whole) }, head: head.map { Optional($0.whole) })
        ]
        for path in Set((base + head).flatMap(\.programs.keys)).sorted() {
            scopes.append((.program(path), base.map { $0.programs[path] }, head.map { $0.programs[path] }))
        }
        for key in Set((base + head).flatMap(\.callSites.keys)) {
            scopes.append((.callSite(key), base.map { $0.callSites[key] }, head.map { $0.callSites[key] }))
        }
        var drafts = scopes.map { rows($0.scope, $0.base, $0.head) }
        judge(&drafts)
        let compared = zip(scopes, drafts).dropFirst().map { scope, rows in
            ComparedScope(scope.scope, base: scope.base, head: scope.head, rows: rows.map(\.row))
        }
        return ComparisonResult(
            base: Self.side(base), head: Self.side(head), order: order, options: options,
            whole: drafts.first?.map(\.row) ?? [],
            programs: ComparedScope.ranked(compared.filter { if case .program = $0.scope { true } else { false } }),
            callSites: ComparedScope.ranked(compared.filter { if case .callSite = $0.scope { true } else { false } }),
            problems: Comparability.problems(base: base, head: head, options) + unmatchedGates(scopes.map(\.scope)))
    }

    private static func side(_ runs: [RunSummary]) -> ComparisonResult.Side {
        ComparisonResult.Side(sessions: runs.map(\.facts.path), command: runs.first?.facts.command ?? [])
    }

    private func unmatchedGates(_ scopes: [Scope]) -> [ComparisonProblem] {
        options.gates.gates.filter { gate in !scopes.contains { gate.place.covers($0) } }.map { gate in
            ComparisonProblem(
                kind: .unmatchedGate, text: "--gate \(gate.text): no session has such a program or call site",
                blocks: true)
        }
    }

    // MARK: - Rows

    private struct Draft {
        var row: ComparedRow
        var base: [Double?]
        var head: [Double?]
        var needsTest: Bool { !row.isExact && row.base.runs > 0 && row.head.runs > 0 }
    }

    /// Drafts a row for each gate and each metric that is not 0 in every run. The whole run also gets known metrics
    /// that are 0.
    private func rows(_ scope: Scope, _ base: [ScopeFigures?], _ head: [ScopeFigures?]) -> [Draft] {
        Metric.all.compactMap { metric in
            let isGate = options.gates.has(metric, of: scope) && (metric.isCount || !options.countsOnly)
            let values = base.map { Self.value(metric, $0, scope) }
            let headValues = head.map { Self.value(metric, $0, scope) }
            let isTelling = (values + headValues).contains { $0 ?? 0 != 0 }
            guard isGate || isTelling || (scope == .whole && (values + headValues).contains { $0 != nil }) else {
                return nil
            }
            let row = ComparedRow(scope: scope, metric: metric, isGate: isGate, base: values, head: headValues)
            return Draft(row: row, base: values, head: headValues)
        }
    }

    /// A metric's value in one run. A program or call site that is absent from the run counts as spawned 0 times.
    private static func value(_ metric: Metric, _ figures: ScopeFigures?, _ scope: Scope) -> Double? {
        switch metric {
        case .count(let count):
            if count.isOfRun, scope != .whole { return nil }
            guard let figures else { return 0 }
            return figures.counts[count].map { Double($0) }
        case .time(let time): return figures?.times[time]
        }
    }

    // MARK: - Verdicts

    private func judge(_ scopes: inout [[Draft]]) {
        let test = RowTest(order: order, options: options)
        let tests = scopes.joined().count { $0.row.isGate && $0.needsTest }
        var gates: [(scope: Int, row: Int, outcome: RowTest.Outcome)] = []
        for (scope, drafts) in scopes.enumerated() {
            for (index, draft) in drafts.enumerated() where draft.needsTest {
                let isGate = draft.row.isGate
                guard let outcome = outcome(test, draft, tests: isGate ? tests : 1) else { continue }
                if isGate {
                    gates.append((scope, index, outcome))
                } else {
                    take(outcome, p: outcome.p, tests: 1, &scopes[scope][index])
                }
            }
        }
        let corrected = HolmCorrection.adjusted(gates.map { $0.outcome.p })
        for (gate, p) in zip(gates, corrected) {
            take(gate.outcome, p: p, tests: tests, &scopes[gate.scope][gate.row])
        }
        let isIncomplete = (
            base: base.contains(where: \.facts.isIncomplete), head: head.contains(where: \.facts.isIncomplete)
        )
        guard isIncomplete.base || isIncomplete.head else { return }
        for scope in scopes.indices {
            for index in scopes[scope].indices where scopes[scope][index].row.verdict == .worse {
                // If only the head is incomplete, a lower bound that is worse stays worse: missing events could only
                // raise it.
                guard isIncomplete.base || !scopes[scope][index].row.metric.isLowerBound else { continue }
                scopes[scope][index].row.verdict = .inconclusive
                scopes[scope][index].row.reason = .incomplete
            }
        }
    }

    private func outcome(_ test: RowTest, _ draft: Draft, tests: Int) -> RowTest.Outcome? {
        let isCount = draft.row.metric.isCount
        func logarithms(_ values: [Double?]) -> [Double?] {
            values.map { $0.map { RowTest.logarithm($0, isCount: isCount) } }
        }
        return test.outcome(
            base: logarithms(draft.base), head: logarithms(draft.head), tests: tests,
            draws: draft.row.isGate ? options.draws : options.drawsOfOthers)
    }

    private func take(_ outcome: RowTest.Outcome, p: Double, tests: Int, _ draft: inout Draft) {
        let runs = min(draft.row.base.runs, draft.row.head.runs)
        draft.row.take(outcome, p: p, tests: tests, runs: runs, options)
    }
}
