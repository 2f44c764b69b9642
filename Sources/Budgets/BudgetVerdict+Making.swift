internal import ByteAccess
internal import Presentation
internal import Reports
internal import SpawnModel
package import SpawnStatistics

extension BudgetEvaluation {
    /// The verdict after all spawns were added. `report` covers all spawns of the session.
    package consuming func verdict(_ report: Report, doubts: [BudgetVerdict.Doubt]) -> BudgetVerdict {
        finish(report.spawns.totals)
        let maker = VerdictMaker(
            evaluation: self, facts: report.facts, totals: report.spawns.totals, doubts: doubts)
        return maker.verdict
    }
}

private struct VerdictMaker {
    let evaluation: BudgetEvaluation
    let facts: SessionFacts
    /// The totals of the whole session.
    let totals: SpawnTotals
    let doubts: [BudgetVerdict.Doubt]

    private var budgets: [Budget] { evaluation.file.budgets }

    var verdict: BudgetVerdict {
        var entries: [BudgetVerdict.Entry] = []
        var skipped: [String] = []
        for (index, budget) in budgets.enumerated() {
            let unknown = unknownSelector(budget)
            let matchesNothing =
                evaluation.matched[index] == 0 && !budget.selector.isWholeRun && !budget.isBan && doubts.isEmpty
                && unknown == nil
            var rows: [BudgetVerdict.Row] = []
            for tally in evaluation.tallies[index] {
                let row = row(tally, unknown, ofWholeRun: budget.selector.isWholeRun)
                // A default limit whose figure is unknown is only noted, since the user can repair nothing.
                if tally.limit.source == nil, row.conclusion == .unknown, row.figure == nil, let reason = row.reason {
                    skipped.append("\(budget.name): \(tally.limit.metric.name) is not held against anything: \(reason)")
                } else {
                    rows.append(row)
                }
            }
            entries.append(
                BudgetVerdict.Entry(
                    budget: budget, spawns: evaluation.matched[index], rows: rows, matchesNothing: matchesNothing))
        }
        // Which call sites are over their budgets is known only now.
        let over = Set(
            entries.indices.filter { budgets[$0].selector.callSite != nil && entries[$0].conclusion == .over })
        for index in entries.indices {
            for row in entries[index].rows.indices where entries[index].rows[row].conclusion == .over {
                let limit = entries[index].rows[row].limit
                guard let tally = evaluation.tallies[index].first(where: { $0.limit == limit }) else { continue }
                let excess = entries[index].rows[row].figure.map { $0.subtractingSaturating(tally.limit.most) } ?? 0
                let causes = causes(tally, over: over)
                let shown = telling(causes, excess: tally.limit.metric.isTime ? nil : excess)
                entries[index].rows[row].causes = Array(causes.prefix(shown))
                entries[index].rows[row].rest = causes.dropFirst(shown)
                    .reduce(into: tally.otherCauses) { $0.addSaturating($1.amount) }
            }
        }
        return BudgetVerdict(
            entries: entries, doubts: doubts, facts: facts, truncatedSpawns: evaluation.truncated, skipped: skipped)
    }

    // MARK: - Figures

    private func row(
        _ tally: BudgetTally, _ unknownSelector: String?, ofWholeRun isOfWholeRun: Bool
    ) -> BudgetVerdict.Row {
        let limit = tally.limit
        for case .unreadable in doubts {
            return BudgetVerdict.Row(limit: limit, figure: nil, conclusion: .unknown, reason: doubtful)
        }
        // What the session cannot show at all is told by the event that it lacks.
        let missing = unknownSelector ?? unknown(tally)
        if let unseen = unseenCalls(tally, ofWholeRun: isOfWholeRun), missing == nil {
            // The seen figure is a lower bound. That does not hold for `forked`, whose spawns may have attempted an
            // unseen exec.
            if limit.metric != .count(.forked), tally.figure > limit.most {
                return BudgetVerdict.Row(limit: limit, figure: tally.figure, conclusion: .over, reason: nil)
            }
            return BudgetVerdict.Row(limit: limit, figure: nil, conclusion: .unknown, reason: unseen)
        }
        if let missing {
            return BudgetVerdict.Row(limit: limit, figure: nil, conclusion: .unknown, reason: missing)
        }
        let figure = figure(tally)
        guard let figure else {
            // No spawn went through the stretch, so none took too long.
            return BudgetVerdict.Row(limit: limit, figure: nil, conclusion: certain(.within), reason: doubtful)
        }
        guard figure > limit.most else {
            return BudgetVerdict.Row(limit: limit, figure: figure, conclusion: certain(.within), reason: doubtful)
        }
        // Lost events can only have made these figures smaller; others may look larger when events are missing.
        let isLowerBound = [.count(.spawns), .count(.execs)].contains(limit.metric)
        let isSure = isLowerBound || !doubts.contains(where: \.losesEvents)
        return BudgetVerdict.Row(
            limit: limit, figure: figure, conclusion: isSure ? .over : .unknown, reason: isSure ? nil : doubtful)
    }

    private func certain(_ conclusion: BudgetVerdict.Conclusion) -> BudgetVerdict.Conclusion {
        doubts.isEmpty ? conclusion : .unknown
    }

    private var doubtful: String? { doubts.first?.text }

    private func figure(_ tally: BudgetTally) -> UInt64? {
        guard case .time(let quantile, _) = tally.limit.metric else { return tally.figure }
        switch quantile {
        case .p50: return tally.durations.percentile(50)
        case .p90: return tally.durations.percentile(90)
        case .p99: return tally.durations.percentile(99)
        case .max: return tally.durations.max
        }
    }

    /// Why calls that this figure counts were not seen, or not all; `nil` if all were. For the whole run this includes
    /// processes that are not spawns.
    private func unseenCalls(_ tally: BudgetTally, ofWholeRun isOfWholeRun: Bool) -> String? {
        guard case .count(let count) = tally.limit.metric, let fact = count.fact else { return nil }
        let unseen = max(tally.uncounted, isOfWholeRun ? totals.unknown[fact] : 0)
        guard unseen > 0 else { return nil }
        return totals.unknown.reason(fact, unseen)
    }

    /// Why the session does not have this figure; `nil` if it does.
    private func unknown(_ tally: BudgetTally) -> String? {
        switch tally.limit.metric {
        case .count(.spawns), .count(.orphaned): return nil
        case .count(.execs):
            return facts.coverage.isDisjoint(with: [.attempts, .execs]) ? "the session has no execs" : nil
        case .count(.forked), .count(.failed), .count(.failedAttempts):
            return facts.coverage.contains(.attempts) ? nil : "the session has no exec attempts (execve)"
        case .count(.unreaped): return facts.coverage.contains(.waits) ? nil : "the session has no waits (wait4)"
        case .time(_, let stretch):
            if case .phase(.link) = stretch, !facts.coverage.contains(.link) {
                return "the session does not tell link (record --link does)"
            }
            guard tally.untimed > 0 else { return nil }
            return "\(stretch.name) is not known of \(Quantities.count(tally.untimed, "spawn"))"
        }
    }

    private func unknownSelector(_ budget: Budget) -> String? {
        if budget.selector.program != nil, !facts.coverage.contains(.execs) {
            return "the session has no paths of programs (sched:sched_process_exec)"
        }
        if budget.selector.callSite != nil, facts.stacks == 0, totals.spawns > 0 {
            return "the session has no stacks"
        }
        return nil
    }

    // MARK: - Causes

    private func causes(_ tally: BudgetTally, over: Set<Int>) -> [BudgetVerdict.Cause] {
        tally.causes.map { cause, amount in
            let place = cause.callSite.flatMap { evaluation.places[$0] }
            var isNewProgram = false
            if case .path(let path) = cause.program, evaluation.file.namesPrograms {
                isNewProgram = !evaluation.namesProgram(path)
            }
            return BudgetVerdict.Cause(
                callSite: cause.callSite, stack: place?.stack ?? [], comm: place?.comm ?? "", program: cause.program,
                amount: amount, isNewCallSite: place.map(isNew) ?? false, isNewProgram: isNewProgram,
                isOver: place?.budgets.contains(where: over.contains) ?? false)
        }.sorted { left, right in
            let (leftRank, rightRank) = (rank(left), rank(right))
            if leftRank != rightRank { return leftRank < rightRank }
            if left.amount != right.amount { return left.amount > right.amount }
            return (left.callSite ?? 0, left.program?.text ?? "") < (right.callSite ?? 0, right.program?.text ?? "")
        }
    }

    /// How many causes are named: if new ones and those over their own budgets make up the whole excess, only these.
    private func telling(_ causes: [BudgetVerdict.Cause], excess: UInt64?) -> Int {
        var sum: UInt64 = 0
        let suspects = causes.prefix { rank($0) < 3 }
        for cause in suspects { sum.addSaturating(cause.amount) }
        let isAll = excess.map { sum >= $0 } ?? false
        return min(isAll ? suspects.count : causes.count, BudgetVerdict.mostCauses)
    }

    private func isNew(_ place: BudgetEvaluation.Place) -> Bool {
        evaluation.file.namesCallSites && place.budgets.isEmpty && !TellingFrames.of(place.stack).isEmpty
    }

    private func rank(_ cause: BudgetVerdict.Cause) -> Int {
        cause.isNewCallSite ? 0 : cause.isNewProgram ? 1 : cause.isOver ? 2 : 3
    }
}

extension BudgetVerdict.Doubt {
    package var text: String {
        switch self {
        case .lost(let events):
            "the kernel dropped \(Quantities.count(Int(clamping: events), "event")): record with a larger --ring-size"
        case .unfollowed(let processes):
            "\(Quantities.count(processes, "process", "processes")) executed a program of other rights, and could not be followed:"
                + " record as root, or with spawnscope-capture"
        case .cut: "the session is cut short, so that it does not hold everything: record it again"
        case .endedEarly(let reason):
            "the recording ended before the command did (\(reason)): record it to its end"
        case .unreadable(let reason): "the session could not be read: \(reason)"
        case .damagedRecords(let records):
            "\(Quantities.count(records, "damaged record")) could not be read: record it again"
        case .commandFailed(let status?, _):
            "the command failed (status \(status)), and may have done less than it does: repair it, or --ignore-failure"
        case .commandFailed(nil, let signal):
            "the command was ended by signal \(signal ?? 0), and may have done less than it does: repair it,"
                + " or --ignore-failure"
        }
    }
}
