internal import ByteAccess
internal import Presentation
internal import Reports
package import SpawnModel
package import SpawnStatistics

/// Adds a session's spawns up into a `RunSummary`. Memory grows with its programs and call sites, not with its spawns.
package struct RunTally: Sendable {
    private var whole = ScopeTally()
    private var programs: [String: ScopeTally] = [:]
    private var callSites: [CallSiteKey: ScopeTally] = [:]
    /// Keyed by `CallSite.id`.
    private var keys: [Int: CallSiteKey] = [:]
    private let rootComm: String?

    /// `command` is the run's argv, empty if there was none.
    package init(command: [String]) { rootComm = CallSiteKey.comm(ofCommand: command) }

    package mutating func add(_ spawn: Spawn, callSite: CallSite) {
        whole.add(spawn)
        if spawn.outcome == .executed {
            let path = spawn.programs.joined(separator: ProgramChain.separator)
            let place = programs[path] != nil || programs.count < SpawnAggregate.limit ? path : SpawnAggregate.others
            programs[place, default: ScopeTally()].add(spawn)
        }
        callSites[key(of: callSite), default: ScopeTally()].add(spawn)
    }

    private mutating func key(of site: CallSite) -> CallSiteKey {
        if let known = keys[site.id] { return known }
        let key = CallSiteKey(stack: site.stack, comm: site.comm, rootComm: rootComm)
        keys[site.id] = key
        return key
    }

    /// The summary of the spawns added, with figures that only the whole report has.
    package func summary(_ report: Report, _ facts: RunFacts) -> RunSummary {
        let coverage = report.facts.coverage
        var run = whole.figures(coverage)
        let totals = report.spawns.totals
        // The root's later execs count in the totals, but belong to no spawn.
        run.counts[.execs] = totals.execs
        if coverage.contains(.attempts) {
            run.counts[.failedAttempts] = totals.unknown.known(totals.failedAttempts, .failedAttempts)
        }
        if coverage.contains(.creationReturns) {
            run.counts[.failedCreations] = totals.unknown.known(totals.failedCreations, .failedCreations)
        }
        run.times[.duration] = report.facts.duration.map { Double($0) }
        return RunSummary(
            facts: facts, whole: run, programs: programs.mapValues { $0.figures(coverage) },
            callSites: callSites.mapValues { $0.figures(coverage) })
    }
}

/// The counts and times of one run in one scope.
struct ScopeTally: Sendable {
    private var counts: [Metric.Count: Int] = [:]
    private var times: [Metric.Time: DurationTally] = [:]
    /// The known overhead phases of all spawns, even of spawns with unknown phases.
    private var overheadSum: UInt64 = 0
    private var unknown = UnknownTally()

    mutating func add(_ spawn: Spawn) {
        count(.spawns)
        count(.execs, spawn.execs)
        count(.failedAttempts, spawn.failedAttempts)
        unknown.add(spawn.unknown)
        switch spawn.outcome {
        case .executed: break
        case .forked: count(.forked)
        case .failed: count(.failed)
        }
        if spawn.isUnreaped { count(.unreaped) }
        if spawn.isOrphaned { count(.orphaned) }
        if spawn.isUnfinished { count(.unfinished) }
        let phases = spawn.phases
        for phase in Phase.allCases { time(.phase(phase), phases[phase]) }
        for phase in Phase.overhead { overheadSum.addSaturating(phases[phase] ?? 0) }
        time(.overhead, spawn.overhead)
        time(.total, spawn.total)
        time(.blocked, spawn.blocked)
    }

    private mutating func count(_ count: Metric.Count, _ number: Int = 1) { counts[count, default: 0] += number }

    private mutating func time(_ time: Metric.Time, _ duration: UInt64?) {
        guard let duration else { return }
        times[time, default: DurationTally()].add(duration)
    }

    /// The figures that the session's events make known.
    func figures(_ coverage: EventCoverage) -> ScopeFigures {
        var figures = ScopeFigures()
        for count in Metric.Count.allCases where Self.isKnown(count, coverage) && isKnown(count) {
            figures.counts[count] = counts[count] ?? 0
        }
        for (time, tally) in times where time != .blocked || coverage.knowsBlocked && unknown[.blocked] == 0 {
            figures.times[time] = tally.median
        }
        if coverage.contains(.creations) { figures.overheadSum = overheadSum }
        return figures
    }

    private func isKnown(_ count: Metric.Count) -> Bool {
        switch count {
        case .failedAttempts: unknown[.failedAttempts] == 0
        case .forked: unknown[.forked] == 0
        case .failed: unknown[.failed] == 0
        case .unreaped: unknown[.unreaped] == 0
        case .spawns, .execs, .orphaned, .unfinished, .failedCreations: true
        }
    }

    private static func isKnown(_ count: Metric.Count, _ coverage: EventCoverage) -> Bool {
        switch count {
        case .failedCreations: false
        case .failedAttempts, .failed: coverage.contains(.attempts)
        case .unreaped: coverage.contains(.waits)
        default: true
        }
    }
}
