internal import ByteAccess
package import Profiles
package import SpawnModel

/// One place that asks for spawns, with all that is added up of them.
package struct CallSite: Hashable, Sendable {
    /// From 1, in the order in which the first spawn of each was complete.
    package let id: Int
    /// Names of functions, outermost first; `[truncated]` stands before one that does not reach its outermost. Empty where the
    /// session has no stack.
    package let stack: [String]
    /// What the spawner was called.
    package let comm: String
    /// By frame of `stack`: the lines that it led through, in the order in which they were met, `SourceLine.mostOfOneFunction` at most. Empty where
    /// lines were not asked for; a frame without debug information has none.
    package internal(set) var lines: [[SourceLine]] = []

    package private(set) var spawns = 0
    package private(set) var methods: [CreationMethod: Int] = [:]
    package private(set) var failedAttempts = 0
    package private(set) var unreaped = 0
    package private(set) var orphaned = 0
    package private(set) var unfinished = 0
    /// Nanoseconds, saturating.
    package private(set) var blocked: UInt64 = 0
    /// By fact, of how many of its spawns it is not known.
    package private(set) var unknown = UnknownTally()
    package private(set) var phases = PhaseTable()
    package private(set) var sizes = SpawnSizes()
    /// How often each event that was asked for happened in its spawns, by the event's place in `Report.events`; empty without any.
    package private(set) var events: [Int] = []
    /// How often it started which programs, of the first `mostPrograms` that it started.
    package private(set) var programs: [(chain: [String], spawns: Int)] = []
    var evidence = Evidence()

    static let mostPrograms = 8

    /// What findings are made of: how many of the spawns were so, and the nanoseconds that this took.
    struct Evidence: Hashable, Sendable {
        struct Tally: Hashable, Sendable {
            var spawns = 0
            /// Of what the finding is about: attempts, waits.
            var events = 0
            var nanoseconds: UInt64 = 0
            /// How many of the spawns have a time.
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
        /// Where searches failed, of as many places as one may search.
        var searchedDirectories: Set<Substring> = []
        /// What forks for programs took, and how large their spawners' page tables were, in bytes; both of those alone of which both
        /// are known.
        var forks = PhaseStatistics()
        var forkers = PhaseStatistics()
        /// Of spawns with a large environment, with the time of their exec; and their bytes.
        var environments = Tally()
        var environmentBytes: UInt64 = 0
        /// Cpu samples of `prepare`, and those of them that closed a descriptor.
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
    /// Waits that returned nothing, for one child, from which on its parent polls: a few are a look before it blocks.
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
