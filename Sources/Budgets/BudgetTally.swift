internal import ByteAccess
internal import Reports
internal import SpawnModel
internal import SpawnStatistics

/// The count for one limit during the walk of a session, and its causes.
struct BudgetTally: Sendable {
    /// The call site that spawned, and the program that it started.
    struct Cause: Hashable, Sendable {
        /// A `CallSite.id`; `nil` for what was done by processes that are not spawns.
        var callSite: Int?
        var program: BudgetVerdict.Program?
    }

    let limit: Budget.Limit
    /// The figure of a count.
    private(set) var figure: UInt64 = 0
    /// The durations of a time.
    private(set) var durations = PhaseStatistics()
    /// Spawns that went through the stretch for an unknown time.
    private(set) var untimed = 0
    /// Spawns whose count is unknown, since calls of theirs or of their parents were not seen.
    private(set) var uncounted = 0
    /// Each cause's part of a count; for a time, its number of spawns that took longer than the limit.
    private(set) var causes: [Cause: UInt64] = [:]
    private(set) var otherCauses: UInt64 = 0

    static let mostCauses = SpawnAggregate.limit

    init(_ limit: Budget.Limit) { self.limit = limit }

    mutating func add(_ spawn: Spawn, _ durations: PhaseDurations, from callSite: Int) {
        let cause = Cause(callSite: callSite, program: BudgetVerdict.Program(spawn))
        switch limit.metric {
        case .count(let count):
            if let fact = count.fact, spawn.unknown.contains(fact) { uncounted += 1 }
            add(spawn.amount(of: count), cause)
        case .time(_, let stretch):
            guard let duration = spawn.duration(of: stretch, durations) else {
                if spawn.hasBeenThrough(stretch) { untimed += 1 }
                return
            }
            self.durations.add(duration)
            if duration > limit.most { blame(1, cause) }
        }
    }

    /// Adds what was done by processes that are not spawns.
    mutating func addRest(upTo total: Int) {
        let total = UInt64(clamping: total)
        if total > figure { add(total - figure, Cause()) }
    }

    private mutating func add(_ amount: UInt64, _ cause: Cause) {
        guard amount > 0 else { return }
        figure.addSaturating(amount)
        blame(amount, cause)
    }

    private mutating func blame(_ amount: UInt64, _ cause: Cause) {
        if causes.count < Self.mostCauses || causes[cause] != nil {
            causes[cause, default: 0].addSaturating(amount)
        } else {
            otherCauses.addSaturating(amount)
        }
    }
}

extension BudgetMetric.Count {
    /// The fact that it counts, if only system calls show it.
    var fact: CallFact? {
        switch self {
        case .spawns, .execs, .orphaned: nil
        case .forked: .forked
        case .failed: .failed
        case .failedAttempts: .failedAttempts
        case .unreaped: .unreaped
        }
    }
}

extension Spawn {
    fileprivate func amount(of count: BudgetMetric.Count) -> UInt64 {
        switch count {
        case .spawns: 1
        case .execs: UInt64(clamping: execs)
        case .forked: outcome == .forked ? 1 : 0
        case .failed: outcome == .failed ? 1 : 0
        case .failedAttempts: UInt64(clamping: failedAttempts)
        case .unreaped: isUnreaped ? 1 : 0
        case .orphaned: isOrphaned ? 1 : 0
        }
    }

    fileprivate func duration(of stretch: BudgetMetric.Stretch, _ durations: PhaseDurations) -> UInt64? {
        switch stretch {
        case .phase(let phase): durations[phase]
        case .overhead: overhead
        case .total: total
        }
    }

    fileprivate func hasBeenThrough(_ stretch: BudgetMetric.Stretch) -> Bool {
        switch stretch {
        case .phase(let phase): expectedPhases.contains(phase)
        case .overhead: true
        case .total: borders.ended != nil
        }
    }
}
