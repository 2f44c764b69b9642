internal import ByteAccess
internal import Presentation
internal import SpawnModel
package import SpawnStatistics

/// The report for people: one screen, unless everything is requested.
package struct TextReport {
    package struct Options: Hashable, Sendable {
        /// Columns; less than `narrowest` counts as `narrowest`.
        package var width = 80
        package var isColoured = false
        /// Every program, call site and failure, and call sites with their whole stacks.
        package var showsAll = false

        package init() {}

        package static let narrowest = 80
    }

    let report: Report
    let options: Options
    let width: Int
    /// The call sites ranked by cost, and their ranks by `CallSite.id`.
    let ranked: [CallSite]
    let ranks: [Int: Int]

    package init(_ report: Report, _ options: Options) {
        self.report = report
        self.options = options
        width = max(options.width, Options.narrowest)
        ranked = report.rankedCallSites
        var ranks: [Int: Int] = [:]
        for (rank, site) in ranked.enumerated() { ranks[site.id] = rank }
        self.ranks = ranks
    }

    package var lines: [String] {
        let sections = [
            heading, phaseLines, callSiteLines, findingLines, programLines, groupLines, eventLines, failureLines,
            leakLines,
            signalLines,
        ]
        let lines = Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
        // Impossible times in a damaged session are wider than their columns.
        return options.isColoured ? lines : lines.map { fitted($0, width) }
    }

    // MARK: - What ran

    private var heading: [String] {
        let (facts, totals) = (report.facts, report.spawns.totals)
        let container = facts.origin.container.map { "container \(GroupTable.Key.short($0))" }
        let place = [container, facts.origin.unit].compactMap { $0 }
        let command =
            !facts.command.isEmpty
            ? facts.command.joined(separator: " ")
            : place.isEmpty ? "a recording without a command" : place.joined(separator: ", ")
        var lines = [bold(fitted(command, width))]
        var parts: [String] = []
        if let duration = facts.duration { parts.append(Quantities.duration(duration)) }
        parts.append(Quantities.count(totals.spawns, "spawn") + rate(totals.spawns))
        var kinds = ["\(Quantities.grouped(totals.executed)) executed"]
        if let forked = totals.unknown.known(totals.forked, .forked) {
            kinds.append("\(Quantities.grouped(forked)) forked")
            if facts.coverage.contains(.attempts) { kinds.append("\(Quantities.grouped(totals.failed)) failed") }
        } else {
            kinds.append("\(Quantities.grouped(totals.forked + totals.failed)) forked or failed")
        }
        lines += wrapped("\(parts.joined(separator: ", ")): \(kinds.joined(separator: ", "))", indent: 2)
        lines += listed(counts)
        lines += listed(completeness)
        lines += concurrency
        if let unknown = totals.unknown.sentence(isOfCoverage: true) {
            lines += wrapped("not known: \(unknown)", indent: 2).map(red)
        }
        for (event, unknown) in facts.coverage.missing {
            lines += wrapped("not known: \(unknown) (no \(event) in the session)", indent: 2).map(red)
        }
        return lines
    }

    private func rate(_ spawns: Int) -> String {
        guard let duration = report.facts.duration, duration > 0, report.spawns.selection.isEverything else {
            return ""
        }
        return " (\(Quantities.tenths(Double(spawns) * 1e9 / Double(duration)))/s)"
    }

    private var counts: [String] {
        let (coverage, totals) = (report.facts.coverage, report.spawns.totals)
        var parts = [Quantities.count(totals.execs, "exec")]
        if coverage.contains(.attempts) {
            let least = totals.unknown[.failedAttempts] > 0 ? "at least " : ""
            if least.isEmpty || totals.failedAttempts > 0 {
                parts.append(least + Quantities.count(totals.failedAttempts, "failed attempt"))
            }
        }
        if totals.failedCreations > 0 { parts.append(Quantities.count(totals.failedCreations, "failed creation")) }
        let methods = CreationMethod.allCases.compactMap { method in
            report.spawns.methods[method].map { "\(method.rawValue) \(Quantities.grouped($0))\(spawner(method))" }
        }
        if !methods.isEmpty { parts.append("made by " + methods.joined(separator: ", ")) }
        if coverage.knowsBlocked, totals.unknown[.blocked] == 0 {
            parts.append("blocked \(Quantities.duration(totals.blocked))\(blockedShare(totals.blocked))")
        }
        return parts
    }

    /// The mean resident size of spawners that used this method.
    private func spawner(_ method: CreationMethod) -> String {
        report.spawns.spawnerResident[method]?.mean.map { " from \(Quantities.bytes($0))" } ?? ""
    }

    /// If several threads block at once, one waiting for another, their sum may exceed the whole time.
    private func blockedShare(_ blocked: UInt64) -> String {
        guard let duration = report.facts.duration, duration > 0 else { return "" }
        guard blocked > duration else { return " (\(Quantities.share(blocked, of: duration)) of the time)" }
        return " (\(Quantities.tenths(Double(blocked) / Double(duration))) threads at a time)"
    }

    private var completeness: [String] {
        let (facts, totals) = (report.facts, report.spawns.totals)
        let isComplete = totals.complete == totals.spawns
        let complete =
            "\(Quantities.grouped(totals.complete)) of \(Quantities.count(totals.spawns, "spawn"))"
            + " \(totals.complete == 1 ? "has" : "have") all phases"
        let lost =
            "\(Quantities.grouped(facts.lost)) of \(Quantities.grouped(facts.lostOf)) \(facts.lostOf == 1 ? "event" : "events") lost"
        let truncated =
            facts.stacks == 0
            ? "no stacks"
            : "\(Quantities.grouped(facts.truncatedStacks)) of \(Quantities.count(facts.stacks, "stack")) truncated"
        var parts = [
            isComplete ? complete : red(complete), facts.lost > 0 ? red(lost) : lost,
            facts.truncatedStacks > 0 ? red(truncated) : truncated,
        ]
        if facts.isCut { parts.append(red("cut short")) }
        if facts.lost > 0 || facts.isCut { parts.append(red("sums are lower bounds")) }
        return parts
    }

    private static let blocks = Array("▁▂▃▄▅▆▇█")

    private var concurrency: [String] {
        guard report.spawns.totals.spawns > 0 else { return [] }
        var lines = ["in flight \(sparkline(report.spawns.concurrency))"]
        if report.facts.coverage.knowsBlocked, report.spawns.totals.unknown[.blocked] == 0 {
            lines.append("blocked   \(sparkline(report.spawns.blockedThreads))")
        }
        return lines
    }

    /// A sparkline over the time from the start to the end of the last spawn. Its highest block is the busiest interval
    /// drawn, whose mean is less than the momentary peak.
    private func sparkline(_ concurrency: Concurrency) -> String {
        let means = concurrency.means(min(width - 44, Concurrency.bucketCount))
        let most = means.max() ?? 0
        let line = means.map { mean in
            mean == 0 || most == 0 ? " " : String(Self.blocks[min(Int(mean / most * 8), 7)])
        }
        return
            "\(cyan(line.joined())) mean \(Quantities.tenths(concurrency.mean)), busiest \(Quantities.grouped(concurrency.peak))"
    }

    /// Facts joined into one line, or more if they do not fit. Colour codes take no room.
    private func listed(_ parts: [String]) -> [String] {
        var lines = [""]
        var length = 0
        for (index, part) in parts.enumerated() {
            let text = index == 0 ? part : "; \(part)"
            let room = Self.visibleLength(text)
            if length > 0, length + room > width {
                lines.append("  \(part)")
                length = room
            } else {
                lines[lines.count - 1] += text
                length += room
            }
        }
        return lines
    }
}

extension SessionFacts {
    /// The total that the lost events are a part of.
    var lostOf: UInt64 {
        var all = UInt64(max(events, 0))
        all.addSaturating(lost)
        return all
    }
}
