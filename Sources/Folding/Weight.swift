package import SpawnModel
internal import SpawnStatistics

/// What one spawn adds to the number of its stack.
extension Weight {
    /// Whether the weight is of spawns, not of samples.
    package var isOfSpawns: Bool { self != .samples && self != .period }

    /// Whether the weight is in nanoseconds, and not a number of spawns.
    package var isOfTime: Bool { isOfSpawns && self != .spawns }

    /// The phase, if the weight is that of a single phase.
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

    /// The phases whose sum it is; empty if it is no such sum.
    package var phases: [Phase] {
        switch self {
        case .overhead: Phase.overhead
        case .total: Phase.allCases
        default: phase.map { [$0] } ?? []
        }
    }

    /// `nil` if it is unknown, or the spawn has no such phase.
    func value(of spawn: Spawn) -> UInt64? {
        ofOneSpawn?.value(of: spawn, spawn.phases)
    }

    /// Whether a spawn without this weight ought to have one.
    func isMissing(in spawn: Spawn) -> Bool { phase.map(spawn.expectedPhases.contains) ?? true }
}
