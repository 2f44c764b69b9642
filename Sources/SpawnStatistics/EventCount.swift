package import SpawnModel

/// How often a requested event happened in the workload.
package struct EventCount: Hashable, Sendable {
    /// `system:event`, or `probe_NAME:FUNCTION`.
    package let name: String
    package private(set) var count = 0
    /// Events in spawns, by the phase that each spawn was in.
    package private(set) var phases: [Phase: Int] = [:]
    /// Events in processes that are not spawns: the command itself.
    package private(set) var ofRoots = 0

    package init(name: String) { self.name = name }

    /// `phase` is `nil` for a process that is not a spawn.
    package mutating func add(_ phase: Phase?) {
        count += 1
        if let phase { phases[phase, default: 0] += 1 } else { ofRoots += 1 }
    }

    /// The average per spawn; `nil` without spawns.
    package func perSpawn(of spawns: Int) -> Double? { spawns > 0 ? Double(count) / Double(spawns) : nil }
}
