internal import ByteAccess
internal import SpawnModel

extension CallSite {
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
