internal import Glibc

extension ComparedRow {
    /// Makes a row from the sides' values, before any test.
    init(scope: Scope, metric: Metric, isGate: Bool, base: [Double?], head: [Double?]) {
        self.scope = scope
        self.metric = metric
        self.isGate = isGate
        self.base = Side(base, isCount: metric.isCount)
        self.head = Side(head, isCount: metric.isCount)
        verdict = .inconclusive
        let isKnown = self.base.runs == base.count && self.head.runs == head.count && !base.isEmpty && !head.isEmpty
        isExact = metric.isCount && isKnown && self.base.isConstant && self.head.isConstant
        if self.base.runs == 0 || self.head.runs == 0 { reason = .notKnown }
        if let of = self.base.centre, let centre = self.head.centre, of > 0 { ratio = centre / of }
        guard isExact, let of = self.base.centre, let centre = self.head.centre else { return }
        verdict = centre > of ? .worse : centre < of ? .better : .same
        reason = nil
    }

    /// Sets the result of a test. If the row is a gate, `p` is corrected for the number of `tests`.
    mutating func take(_ outcome: RowTest.Outcome, p: Double, tests: Int, runs: Int, _ options: ComparisonOptions) {
        self.p = p
        // A base of 0 gives no ratio.
        if base.centre ?? 0 > 0 {
            if outcome.ratio.isFinite { ratio = outcome.ratio }
            interval = outcome.interval
        }
        let allowed = 1 - options.threshold...1 + options.threshold
        if let interval = outcome.interval, allowed.contains(interval.lowerBound),
            allowed.contains(interval.upperBound)
        {
            verdict = .same
        } else if p <= options.level, !allowed.contains(outcome.ratio) {
            verdict = outcome.ratio > 1 ? .worse : .better
        } else {
            verdict = .inconclusive
            reason = reason(outcome, tests: tests, runs: runs, options)
        }
    }

    private func reason(
        _ outcome: RowTest.Outcome, tests: Int, runs: Int, _ options: ComparisonOptions
    ) -> Reason {
        let needed = min(
            RunsNeeded.aSide(level: options.level, tests: tests, isPaired: false),
            RunsNeeded.aSide(level: options.level, tests: tests, isPaired: true))
        if runs < needed { return .tooFewRuns(needed: needed) }
        let wouldPass = outcome.pWithoutTrend.map { $0 * Double(max(tests, 1)) <= options.level } ?? false
        if outcome.hasTrend || wouldPass && outcome.p > outcome.pWithoutTrend ?? 1 { return .drift }
        guard let interval = outcome.interval, options.threshold > 0 else { return .noise(wouldDo: nil) }
        let half = log(interval.upperBound / interval.lowerBound) / 2
        let wouldDo = RunsNeeded.toTell(
            change: log(outcome.ratio), halfWidth: half, runs: runs, threshold: log(1 + options.threshold),
            confidence: options.confidence, level: options.level / Double(max(tests, 1)))
        return .noise(wouldDo: wouldDo)
    }
}

extension ComparedRow.Side {
    fileprivate init(_ values: [Double?], isCount: Bool) {
        let known = values.compactMap(\.self)
        self.values = values
        runs = known.count
        smallest = known.min()
        largest = known.max()
        guard let smallest, let largest else { return }
        if smallest == largest {
            centre = smallest
        } else if isCount || smallest < 1 {
            centre = known.reduce(0, +) / Double(known.count)
        } else {
            centre = exp(known.reduce(0) { $0 + log($1) } / Double(known.count))
        }
    }

    fileprivate var isConstant: Bool { smallest == largest }
}
