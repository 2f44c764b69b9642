package import SpawnModel
internal import SpawnStatistics

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

    private var ofOneSpawn: SpawnWeight? {
        switch self {
        case .spawns: .spawns
        case .overhead: .overhead
        case .blocked: .blocked
        case .total: .total
        default: phase.map(SpawnWeight.phase)
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
        ofOneSpawn?.value(of: spawn, spawn.phases)
    }

    /// Whether a spawn without this weight ought to have one.
    func isMissing(in spawn: Spawn) -> Bool { phase.map(spawn.expectedPhases.contains) ?? true }
}
