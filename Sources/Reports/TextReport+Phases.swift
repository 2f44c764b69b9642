internal import ByteAccess
internal import Presentation
internal import SpawnModel
internal import SpawnStatistics

/// Where a spawn's time goes.
extension TextReport {
    private static let name = 9
    private static let count = 8
    private static let duration = 9
    /// The width of the columns before the bar.
    private static let columns = name + count + 5 * duration

    var phaseLines: [String] {
        let table = report.spawns.phases
        guard Phase.allCases.contains(where: { table[$0].count > 0 }) else { return [] }
        let titles = ["sum", "p50", "p90", "p99", "max"].map { Self.right($0, Self.duration) }.joined()
        var lines = [bold(Self.left("PHASE", Self.name) + Self.right("count", Self.count) + titles + "  of overhead")]
        let overhead = table.overheadSum
        var whole = overhead
        for phase in [Phase.run, .reap] { whole.addSaturating(table[phase].sum) }
        for phase in Phase.overhead {
            let share = bar(table[phase].sum, of: overhead)
            if let line = row(phase.name, table[phase], share) {
                lines.append(line)
            } else if let reason = reasonForNone(phase) {
                lines.append(Self.left(phase.name, Self.name) + dim(Self.right("–", Self.count) + "  \(reason)"))
            }
        }
        func share(_ sum: UInt64) -> String { "  \(Quantities.share(sum, of: whole)) of total" }
        if let line = row("overhead", table.overhead, share(overhead)) { lines.append(bold(line)) }
        for phase in [Phase.run, .reap] {
            if let line = row(phase.name, table[phase], share(table[phase].sum)) { lines.append(line) }
        }
        return lines
    }

    private func row(_ name: String, _ statistics: PhaseStatistics, _ share: String) -> String? {
        guard statistics.count > 0 else { return nil }
        let durations = [
            statistics.sum, statistics.percentile(50), statistics.percentile(90), statistics.percentile(99),
            statistics.max,
        ].map { Self.right($0.map(Quantities.duration) ?? "", Self.duration) }
        return Self.left(name, Self.name) + Self.right(Quantities.grouped(statistics.count), Self.count)
            + durations.joined() + share
    }

    /// `nil` for a phase that no spawn of the session goes through.
    private func reasonForNone(_ phase: Phase) -> String? {
        let (totals, coverage) = (report.spawns.totals, report.facts.coverage)
        switch phase {
        case .link: return coverage.contains(.link) ? "not met" : "part of run (record --link tells it)"
        case .prepare, .search:
            return coverage.contains(.attempts) && totals.executed + totals.failed > 0 ? "not known" : nil
        case .exec: return coverage.contains(.attempts) && totals.executed > 0 ? "not known" : nil
        // Phases missing for lack of events are in the heading.
        case .create: return coverage.contains(.creatingCalls) ? "not known" : nil
        default: return coverage.contains(.creationReturns) ? "not known" : nil
        }
    }

    private static let eighths = Array("▏▎▍▌▋▊▉█")

    private func bar(_ part: UInt64, of whole: UInt64) -> String {
        let room = min(width - Self.columns - 8, 40)
        let filled = Int(clamping: part.scaled(by: UInt64(room * 8), over: max(whole, 1)))
        var bar = String(repeating: "█", count: min(filled / 8, room))
        if filled % 8 > 0, filled / 8 < room { bar.append(Self.eighths[filled % 8 - 1]) }
        return "  " + cyan(Self.left(bar, room)) + Self.right(Quantities.share(part, of: whole), 5)
    }
}
