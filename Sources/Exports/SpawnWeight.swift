internal import ByteAccess
package import SpawnModel

/// What is summed of the spawns of one stack.
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
}

/// A number for each `SpawnWeight`, in their order. Inline storage: there is one for each distinct stack.
package struct SpawnValues: Hashable, Sendable {
    private var values = InlineArray<12, UInt64>(repeating: 0)

    package init() {}

    package subscript(index: Int) -> UInt64 { values[index] }

    /// Adds one spawn. What is not known of it adds nothing, and is counted in `unknown`.
    mutating func add(_ spawn: Spawn, unknown: inout SpawnValues) {
        let phases = spawn.phases
        var expected: UInt8 = 0
        for phase in spawn.expectedPhases { expected |= 1 << UInt8(phase.rawValue) }
        for (index, weight) in SpawnWeight.allCases.enumerated() {
            let value: UInt64?
            var isExpected = true
            switch weight {
            case .spawns: value = 1
            case .overhead: value = spawn.overhead
            case .total:
                value = spawn.total
                isExpected = !spawn.isUnfinished
            case .blocked: value = spawn.blocked
            case .phase(let phase):
                value = phases[phase]
                isExpected = expected & 1 << UInt8(phase.rawValue) != 0
            }
            if let value {
                values[index].addSaturating(value)
            } else if isExpected {
                unknown.values[index].addSaturating(1)
            }
        }
    }

    mutating func add(_ other: SpawnValues) {
        for index in 0..<SpawnWeight.count { values[index].addSaturating(other.values[index]) }
    }

    package static func == (left: Self, right: Self) -> Bool {
        (0..<SpawnWeight.count).allSatisfy { left.values[$0] == right.values[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for index in 0..<SpawnWeight.count { hasher.combine(values[index]) }
    }
}
