package import SpawnModel

/// What one spawn adds to the number of its stack.
extension Weight {
    /// The weight is of spawns, not of samples.
    package var isOfSpawns: Bool { self != .samples && self != .period }

    /// Nanoseconds, and not a number of spawns.
    package var isOfTime: Bool { isOfSpawns && self != .spawns }

    /// The one phase that it is of.
    private var phase: Phase? {
        switch self {
        case .create: .create
        case .wake: .wake
        case .prepare: .prepare
        case .search: .search
        case .exec: .exec
        case .link: .link
        case .run: .run
        case .reap: .reap
        case .overhead, .blocked, .total, .spawns, .samples, .period: nil
        }
    }

    /// The phases that it is the sum of; none of it where it is no such sum.
    package var phases: [Phase] {
        switch self {
        case .overhead: Phase.overhead
        case .total: Phase.allCases
        default: phase.map { [$0] } ?? []
        }
    }

    /// `nil` where it is not known, or the spawn has no such phase.
    func value(of spawn: Spawn) -> UInt64? {
        switch self {
        case .spawns: 1
        case .overhead: spawn.overhead
        case .blocked: spawn.blocked
        case .total: spawn.total
        default: phase.flatMap { spawn.phases[$0] }
        }
    }

    /// Whether a spawn without this weight ought to have one.
    func isMissing(in spawn: Spawn) -> Bool { phase.map(spawn.expectedPhases.contains) ?? true }
}
