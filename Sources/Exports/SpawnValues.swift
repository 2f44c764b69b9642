internal import ByteAccess
internal import SpawnModel
internal import SpawnStatistics

/// A number for each `SpawnWeight`, in their order. Stored inline, since each distinct stack has one.
package struct SpawnValues: Hashable, Sendable {
    private var values = InlineArray<12, UInt64>(repeating: 0)

    package init() {}

    package subscript(index: Int) -> UInt64 { values[index] }

    /// Adds one spawn. A value that is unknown adds nothing, and is counted in `unknown` if the spawn should have it.
    mutating func add(_ spawn: Spawn, unknown: inout SpawnValues) {
        let phases = spawn.phases
        var expected: UInt8 = 0
        for phase in spawn.expectedPhases { expected |= 1 << UInt8(phase.rawValue) }
        for (index, weight) in SpawnWeight.allCases.enumerated() {
            if let value = weight.value(of: spawn, phases) {
                values[index].addSaturating(value)
                continue
            }
            let isExpected =
                switch weight {
                case .total: !spawn.isUnfinished
                case .phase(let phase): expected & 1 << UInt8(phase.rawValue) != 0
                default: true
                }
            if isExpected { unknown.values[index].addSaturating(1) }
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
