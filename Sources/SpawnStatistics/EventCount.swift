package import SpawnModel

/// How often an event that was asked for happened in the workload.
package struct EventCount: Hashable, Sendable {
    /// `system:event`, or `probe_NAME:FUNCTION`.
    package let name: String
    package private(set) var count = 0
    /// Of spawns, by the phase that each was in just then.
    package private(set) var phases: [Phase: Int] = [:]
    /// Of processes that are no spawns: the command itself.
    package private(set) var ofRoots = 0

    package init(name: String) { self.name = name }

    /// `phase` is `nil` for a process that is no spawn.
    package mutating func add(_ phase: Phase?) {
        count += 1
        if let phase { phases[phase, default: 0] += 1 } else { ofRoots += 1 }
    }

    /// A spawn, on the average; `nil` without spawns.
    package func perSpawn(of spawns: Int) -> Double? { spawns > 0 ? Double(count) / Double(spawns) : nil }
}
