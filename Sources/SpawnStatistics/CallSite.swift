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

    /// What findings are made from: how many of the spawns showed something, and the nanoseconds that it took.
    struct Evidence: Hashable, Sendable {
        struct Tally: Hashable, Sendable {
            var spawns = 0
            /// Occurrences of what the finding is about: attempts, waits.
            var events = 0
            var nanoseconds: UInt64 = 0
            /// How many of the spawns have a known time.
            var timed = 0

            mutating func add(events: Int = 0, nanoseconds: UInt64?) {
                spawns += 1
                self.events += events
                guard let nanoseconds else { return }
                timed += 1
                self.nanoseconds.addSaturating(nanoseconds)
            }
        }
        var searches = Tally()
        /// Directories in which searches failed, bounded like those of a single search.
        var searchedDirectories: Set<Substring> = []
        /// Durations of forks for programs, and bytes of their spawners' page tables, for spawns with both.
        var forks = PhaseStatistics()
        var forkers = PhaseStatistics()
        /// Spawns with a large environment, with the time of their exec; and the bytes of these environments.
        var environments = Tally()
        var environmentBytes: UInt64 = 0
        /// CPU samples of `prepare`, and those of them that were closing a descriptor.
        var preparingSamples = 0
        var closingSamples = 0
        var polls = Tally()
    }

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

extension CallSite.Evidence {
    /// Waits for one child that returned nothing, from which on its parent polls: a few may precede a blocking wait.
    static let fewestPolls = 5

    mutating func add(_ spawn: Spawn, _ observations: SpawnObservations) {
        let phases = spawn.phases
        if phases[.prepare] != nil {
            preparingSamples += observations.preparingSamples
            closingSamples += observations.closingSamples
        }
        if spawn.outcome == .executed {
            if phases[.search] ?? 1 > 0, let path = spawn.path, observations.search.found(path) {
                searches.add(events: observations.search.attempts, nanoseconds: phases[.search])
                if searchedDirectories.count < SpawnObservations.mostFailures {
                    searchedDirectories.formUnion(observations.search.directories)
                }
            }
            if spawn.method == .fork, let create = phases[.create], let tables = spawn.spawnerPageTables {
                forks.add(create)
                forkers.add(tables)
            }
            if let bytes = spawn.environmentBytes, bytes >= SpawnSizes.largeEnvironment {
                environments.add(nanoseconds: phases[.exec])
                environmentBytes.addSaturating(bytes)
            }
        }
        if spawn.borders.reaped != nil, spawn.polls >= Self.fewestPolls {
            polls.add(events: spawn.polls, nanoseconds: phases[.reap])
        }
    }
}
