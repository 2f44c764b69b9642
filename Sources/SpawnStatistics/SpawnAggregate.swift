internal import ByteAccess
package import Profiles
package import Session
package import SpawnModel

/// Everything that a report counts, added up spawn by spawn. Memory is bounded by the programs and call sites of the
/// session, and by `limit` of each, not by the number of spawns.
package struct SpawnAggregate: Sendable {
    /// The programs that some spawns executed, one after the other.
    package struct Program: Sendable {
        package let chain: [String]
        /// The first program of the chain.
        package var path: String { chain.first ?? "[unknown]" }
        package fileprivate(set) var spawns = 0
        package fileprivate(set) var phases = PhaseTable()
        /// Execs with a small environment, and the nanoseconds of their `exec`.
        fileprivate(set) var lightExecs = CallSite.Evidence.Tally()
    }

    package struct Failure: Hashable, Sendable {
        /// `nil` if the session does not record it.
        package var path: String?
        /// `nil` for an attempt whose return was not seen.
        package var errno: Int32?
        /// The `CallSite.id` of the spawn that made the attempt; `nil` for a process that is not a spawn.
        package var callSite: Int?

        package init(path: String?, errno: Int32?, callSite: Int?) {
            self.path = path
            self.errno = errno
            self.callSite = callSite
        }
    }

    /// The most programs, call sites, failures and signal ends. Further programs and call sites are added up in one
    /// entry named `others`.
    package static let limit = 16384
    package static let others = "[others]"

    package private(set) var totals = SpawnTotals()
    package private(set) var phases = PhaseTable()
    package private(set) var methods: [CreationMethod: Int] = [:]
    /// The resident memory of the spawners, by creation method.
    package private(set) var spawnerResident: [CreationMethod: SizeStatistics] = [:]
    package private(set) var programs: [Program] = []
    /// Of the spawns whose control group is known.
    package private(set) var groups = GroupTable()
    /// Includes the call sites of unselected spawns, which count no spawns.
    package private(set) var callSites: [CallSite] = []
    package private(set) var failures: [Failure: Int] = [:]
    package private(set) var otherFailures = 0
    package private(set) var signalEnds: [SignalEnd: Int] = [:]
    package private(set) var otherSignalEnds = 0
    /// The durations of forks for programs in processes with small page tables.
    private(set) var smallForks = PhaseStatistics()
    /// Spawns alive over time.
    package private(set) var concurrency: Concurrency
    /// Threads inside a creating call, or inside a wait that took a spawn, over time.
    package private(set) var blockedThreads: Concurrency
    /// The latest time of any spawn, in nanoseconds.
    package private(set) var lastTime: UInt64 = 0

    package let selection: SpawnSelection
    private var sessionStart: UInt64 = 0
    private var programPlaces: [[String]: Int] = [:]
    private var sitePlaces: [SiteKey: Int] = [:]
    private var isSelected: [Bool] = []

    private struct SiteKey: Hashable {
        var number: UInt32?
        var comm: String
    }

    package init(selection: SpawnSelection = SpawnSelection()) {
        self.selection = selection
        concurrency = Concurrency(start: 0)
        blockedThreads = Concurrency(start: 0)
    }

    /// When the session began, in nanoseconds of the clock of the spawns' borders. To be set before any spawn is added.
    package mutating func start(at time: UInt64) {
        sessionStart = time
        concurrency = Concurrency(start: time)
        blockedThreads = Concurrency(start: time)
    }

    /// The index in `callSites` of the site with the model's number and the spawner's name; a new one asks for `stack`.
    package mutating func place(ofCallSite number: UInt32?, comm: String, stack: () -> [String]) -> Int {
        let key = SiteKey(number: number, comm: comm)
        if let place = sitePlaces[key] { return place }
        let isLast = callSites.count == Self.limit
        guard callSites.count <= Self.limit else { return Self.limit }
        let site = CallSite(
            id: callSites.count + 1, stack: isLast ? [Self.others] : stack(), comm: isLast ? Self.others : comm)
        isSelected.append(selection.selects(callSite: site.stack))
        callSites.append(site)
        if !isLast { sitePlaces[key] = callSites.count - 1 }
        return callSites.count - 1
    }

    /// `lines` returns those of a call site, by the model's number.
    package mutating func setLines(_ lines: (UInt32) -> [[SourceLine]]) {
        for (key, place) in sitePlaces {
            if let number = key.number { callSites[place].lines = lines(number) }
        }
    }

    /// Adds a completed spawn if it is selected; returns whether it is. Unfinished ones live until `sessionEnd`.
    package mutating func add(
        _ spawn: Spawn, _ observations: SpawnObservations, callSite place: Int, group: ControlGroupName? = nil,
        sessionEnd: UInt64
    ) -> Bool {
        guard callSites.indices.contains(place), isSelected[place],
            selection.selects(spawn, sessionStart: sessionStart)
        else { return false }
        count(spawn)
        phases.add(spawn)
        if let method = spawn.method {
            methods[method, default: 0] += 1
            if let resident = spawn.spawnerResident {
                spawnerResident[method, default: SizeStatistics()].add(resident)
            }
        }
        callSites[place].add(spawn, observations)
        if let group { groups.add(spawn, group) }
        if spawn.method == .fork, spawn.outcome == .executed, let create = spawn.phases[.create],
            let tables = spawn.spawnerPageTables, tables <= SpawnSizes.smallPageTables
        {
            smallForks.add(create)
        }
        for (failure, attempts) in observations.failures {
            addFailure(Failure(path: failure.path, errno: failure.errno, callSite: callSites[place].id), attempts)
        }
        otherFailures += observations.otherFailures
        if let signal = spawn.signal { addEnd(SignalEnd(signal, spawn.signalSender, callSite: callSites[place].id)) }
        if spawn.outcome == .executed {
            let program = self.place(ofPrograms: spawn.programs)
            programs[program].spawns += 1
            programs[program].phases.add(spawn)
            if let bytes = spawn.environmentBytes, bytes <= SpawnSizes.smallEnvironment {
                programs[program].lightExecs.add(nanoseconds: spawn.phases[.exec])
            }
        }
        let end = spawn.borders.ended ?? sessionEnd
        concurrency.add(from: spawn.borders.created, to: end)
        addBlocked(spawn, end: end)
        lastTime = max(lastTime, end)
        return true
    }

    private mutating func addBlocked(_ spawn: Spawn, end: UInt64) {
        // Both then cover the same time, so that they are drawn at the same scale.
        blockedThreads.add(from: end, to: end)
        if let creating = spawn.blockedCreating, let began = spawn.borders.creationBegan {
            var returned = began
            returned.addSaturating(creating)
            blockedThreads.add(from: began, to: returned)
        }
        if spawn.blockedWaiting > 0, let reaped = spawn.borders.reaped {
            blockedThreads.add(from: reaped.subtractingSaturating(spawn.blockedWaiting), to: reaped)
        }
    }

    private mutating func count(_ spawn: Spawn) {
        totals.spawns += 1
        switch spawn.outcome {
        case .executed: totals.executed += 1
        case .forked: totals.forked += 1
        case .failed: totals.failed += 1
        }
        totals.execs += spawn.execs
        totals.failedAttempts += spawn.failedAttempts
        if spawn.isUnfinished { totals.unfinished += 1 }
        if spawn.isUnreaped { totals.unreaped += 1 }
        if spawn.isOrphaned { totals.orphaned += 1 }
        if spawn.isComplete { totals.complete += 1 }
        totals.blocked.addSaturating(spawn.blocked)
        totals.unknown.add(spawn.unknown)
    }

    private mutating func place(ofPrograms chain: [String]) -> Int {
        if let place = programPlaces[chain] { return place }
        let isLast = programs.count == Self.limit
        guard programs.count <= Self.limit else { return Self.limit }
        programs.append(Program(chain: isLast ? [Self.others] : chain))
        if !isLast { programPlaces[chain] = programs.count - 1 }
        return programs.count - 1
    }

    private mutating func addFailure(_ failure: Failure, _ attempts: Int) {
        if failures.count < Self.limit || failures[failure] != nil {
            failures[failure, default: 0] += attempts
        } else {
            otherFailures += attempts
        }
    }

    private mutating func addEnd(_ end: SignalEnd) {
        if signalEnds.count < Self.limit || signalEnds[end] != nil {
            signalEnds[end, default: 0] += 1
        } else {
            otherSignalEnds += 1
        }
    }

    /// The session is over. If everything is selected, what processes did that are not spawns counts, too: their execs,
    /// failed attempts and failed creating calls.
    package mutating func finish(_ whole: SpawnTotals, roots: SpawnObservations) {
        guard selection.isEverything else { return }
        totals.execs = whole.execs
        totals.failedAttempts = whole.failedAttempts
        totals.failedCreations = whole.failedCreations
        totals.unknown = whole.unknown
        for (failure, attempts) in roots.failures {
            addFailure(Failure(path: failure.path, errno: failure.errno, callSite: nil), attempts)
        }
        otherFailures += roots.otherFailures
    }
}
