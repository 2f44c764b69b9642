package import SpawnModel

/// What one spawn adds to a sum over many.
package enum SpawnWeight: Hashable, Sendable, CaseIterable {
    case spawns
    /// Nanoseconds.
    case overhead, total, blocked
    case phase(Phase)

    package static let allCases: [SpawnWeight] =
        [.spawns, .overhead] + Phase.allCases.map(SpawnWeight.phase) + [.total, .blocked]

    package static let count = 4 + Phase.allCases.count

    package var name: String {
        switch self {
        case .spawns: "spawns"
        case .overhead: "overhead"
        case .total: "total"
        case .blocked: "blocked"
        case .phase(let phase): phase.name
        }
    }

    package init?(name: String) {
        guard let weight = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = weight
    }

    package var isOfTime: Bool { self != .spawns }

    /// `nil` if it is unknown, or the spawn has no such phase.
    ///
    /// - Parameter phases: the spawn's; a caller that has them already can pass them.
    package func value(of spawn: Spawn, _ phases: @autoclosure () -> PhaseDurations) -> UInt64? {
        switch self {
        case .spawns: 1
        case .overhead: spawn.overhead
        case .total: spawn.total
        case .blocked: spawn.blocked
        case .phase(let phase): phases()[phase]
        }
    }
}
