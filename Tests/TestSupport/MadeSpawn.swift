package import Session
package import SpawnModel
package import SpawnStatistics

/// A spawn with known phases: milliseconds, and microseconds from one border to the next.
package struct MadeSpawn {
    package var spawn: Spawn
    package var observations = SpawnObservations()
    package var stack = ["_start", "main", "build", "vfork"]
    package var comm = "make"
    package var group: ControlGroupName?

    /// Its phases: create 10 µs, wake 20, prepare 30, search 0, exec 40, then run until `end`, and reap 50.
    package init(
        pid: Int32 = 100, start: UInt64 = 1000, end: UInt64 = 1002, path: String? = "/bin/true",
        method: CreationMethod? = .vfork
    ) {
        let began = start * 1_000_000
        var borders = SpawnBorders(created: began + 10_000)
        borders.creationBegan = began
        borders.firstRun = began + 30_000
        borders.firstAttempt = path == nil ? nil : began + 60_000
        borders.successfulAttempt = path == nil ? nil : began + 60_000
        borders.execReturned = path == nil ? nil : began + 100_000
        borders.ended = end * 1_000_000
        borders.reaped = end * 1_000_000 + 50_000
        spawn = Spawn(
            pid: pid, parentPID: 50, parentTID: 50, method: method, callSite: 1, ancestry: AncestryTable.root,
            borders: borders, outcome: path == nil ? .forked : .executed, path: path, execs: path == nil ? 0 : 1,
            failedAttempts: 0)
        spawn.blockedCreating = 100_000
    }

    /// `search` takes this long, and fails for these paths.
    package mutating func search(_ paths: [String], nanoseconds: UInt64) {
        guard let first = spawn.borders.firstAttempt else { return }
        spawn.borders.successfulAttempt = first + nanoseconds
        spawn.borders.execReturned = first + nanoseconds + 40_000
        spawn.failedAttempts = paths.count
        for path in paths { observations.addFailure(FailureTable.Failure(path: path, errno: 2)) }
    }
}

extension SpawnAggregate {
    /// Adds a spawn under the call site that its maker names.
    @discardableResult
    package mutating func add(_ made: MadeSpawn) -> Bool {
        let number = UInt32(
            truncatingIfNeeded: made.stack.joined(separator: ";").utf8.reduce(7) { $0 &* 31 &+ Int($1) })
        let place = place(ofCallSite: number, comm: made.comm) { made.stack }
        return add(
            made.spawn, made.observations, callSite: place, group: made.group, sessionEnd: 9_000_000_000)
    }

    package mutating func count(_ spawn: Spawn) {
        let place = place(ofCallSite: nil, comm: "") { [] }
        _ = add(spawn, SpawnObservations(), callSite: place, sessionEnd: 9_000_000_000)
    }

    /// The report of these in a session of one second, which has every event.
    package static func report(of spawns: [MadeSpawn], _ selection: SpawnSelection = SpawnSelection()) -> Report {
        var aggregate = SpawnAggregate(selection: selection)
        aggregate.start(at: 1_000_000_000)
        for spawn in spawns { aggregate.add(spawn) }
        var facts = SessionFacts()
        facts.command = ["make", "all"]
        facts.duration = 1_000_000_000
        facts.events = spawns.count * 15
        facts.stacks = spawns.count
        facts.coverage = EventCoverage(rawValue: 0x1ff)
        return Report(facts: facts, spawns: aggregate)
    }
}
