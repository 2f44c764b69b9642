internal import ByteAccess
package import Profiles
package import SpawnModel

/// One place that creates spawns, with the sums over them.
package struct CallSite: Hashable, Sendable {
    /// From 1, in the order in which the first spawn of each was completed.
    package let id: Int
    /// Names of functions, outermost first, with `[truncated]` before a stack that does not reach its outermost
    /// function. Empty if the session has no stack.
    package let stack: [String]
    /// The spawner's comm.
    package let comm: String
    /// By frame of `stack`: the source lines through which it led, in order of first appearance, at most
    /// `SourceLine.mostOfOneFunction`. Empty if lines were not requested; a frame without debug information has none.
    package internal(set) var lines: [[SourceLine]] = []

    package private(set) var spawns = 0
    package private(set) var methods: [CreationMethod: Int] = [:]
    package private(set) var failedAttempts = 0
    package private(set) var unreaped = 0
    package private(set) var orphaned = 0
    package private(set) var unfinished = 0
    /// Nanoseconds, saturating.
    package private(set) var blocked: UInt64 = 0
    /// For each fact, how many of its spawns leave it unknown.
    package private(set) var unknown = UnknownTally()
    package private(set) var phases = PhaseTable()
    package private(set) var sizes = SpawnSizes()
    /// How often each requested event happened in its spawns, in the order of `Report.events`; empty if none were.
    package private(set) var events: [Int] = []
    /// How often it started each chain of programs, for the first `mostPrograms` chains.
    package private(set) var programs: [(chain: [String], spawns: Int)] = []
    var evidence = Evidence()

    static let mostPrograms = 8

    init(id: Int, stack: [String], comm: String) {
        self.id = id
        self.stack = stack
        self.comm = comm
    }

    mutating func add(_ spawn: Spawn, _ observations: SpawnObservations) {
        spawns += 1
        if let method = spawn.method { methods[method, default: 0] += 1 }
        failedAttempts += spawn.failedAttempts
        if spawn.isUnreaped { unreaped += 1 }
        if spawn.isOrphaned { orphaned += 1 }
        if spawn.isUnfinished { unfinished += 1 }
        blocked.addSaturating(spawn.blocked)
        unknown.add(spawn.unknown)
        phases.add(spawn)
        sizes.add(spawn)
        evidence.add(spawn, observations)
        if events.count < observations.events.count {
            events += [Int](repeating: 0, count: observations.events.count - events.count)
        }
        for (place, count) in observations.events.enumerated() { events[place] += count }
        guard spawn.outcome == .executed, spawn.path != nil else { return }
        let chain = spawn.programs
        if let place = programs.firstIndex(where: { $0.chain == chain }) {
            programs[place].spawns += 1
        } else if programs.count < Self.mostPrograms {
            programs.append((chain, 1))
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.id == right.id && left.stack == right.stack && left.comm == right.comm && left.spawns == right.spawns
            && left.phases == right.phases
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
