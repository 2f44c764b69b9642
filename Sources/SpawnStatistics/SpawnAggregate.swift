internal import ByteAccess
package import Profiles
package import SpawnModel

/// Everything that a report counts, added up spawn by spawn. Its memory is bounded by the programs and call sites of the
/// session, and by `limit` of each, not by its spawns.
package struct SpawnAggregate: Sendable {
    /// What some spawns executed, one after the other.
    package struct Program: Sendable {
        package let chain: [String]
        /// The first.
        package var path: String { chain.first ?? "[unknown]" }
        package fileprivate(set) var spawns = 0
        package fileprivate(set) var phases = PhaseTable()
        /// Of executions with a small environment: how many, and nanoseconds of `exec`.
        fileprivate(set) var lightExecs = CallSite.Evidence.Tally()
    }

    package struct Failure: Hashable, Sendable {
        /// `nil` where the session does not tell.
        package var path: String?
        /// `nil` for an attempt whose return was not seen.
        package var errno: Int32?
        /// The `CallSite.id` of the spawn whose attempt it was; `nil` for a process that is none.
        package var callSite: Int?

        package init(path: String?, errno: Int32?, callSite: Int?) {
            self.path = path
            self.errno = errno
            self.callSite = callSite
        }
    }

    /// Of programs, call sites, and failures; what comes beyond is added up in one entry of the name `others`.
    package static let limit = 16384
    package static let others = "[others]"

    package private(set) var totals = SpawnTotals()
    package private(set) var phases = PhaseTable()
    package private(set) var methods: [CreationMethod: Int] = [:]
    /// Of the spawners, by how they made their spawns.
    package private(set) var spawnerResident: [CreationMethod: SizeStatistics] = [:]
    package private(set) var programs: [Program] = []
    /// Those of unselected spawns, too, without any.
    package private(set) var callSites: [CallSite] = []
    package private(set) var failures: [Failure: Int] = [:]
    package private(set) var otherFailures = 0
    package private(set) var signalEnds: [SignalEnd: Int] = [:]
    package private(set) var otherSignalEnds = 0
    /// What forks for programs took in processes with small page tables.
    private(set) var smallForks = PhaseStatistics()
    /// Spawns that lived at a time.
    package private(set) var concurrency: Concurrency
    /// Threads that were inside a creating call, or a wait that took a spawn.
    package private(set) var blockedThreads: Concurrency
    /// The last time of any spawn, nanoseconds.
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

    /// When the session began, nanoseconds of the same clock as the spawns' borders; to be told before the first spawn is added.
    package mutating func start(at time: UInt64) {
        sessionStart = time
        concurrency = Concurrency(start: time)
        blockedThreads = Concurrency(start: time)
    }

    /// The place in `callSites` of one by the model's number and the spawner's name; `stack` is asked for when it is new.
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

    /// `lines` gives those of a call site by the model's number.
    package mutating func setLines(_ lines: (UInt32) -> [[SourceLine]]) {
        for (key, place) in sitePlaces {
            if let number = key.number { callSites[place].lines = lines(number) }
        }
    }

    /// Adds a spawn that is complete, unless it is not selected; says whether it was. `sessionEnd` is where unfinished ones are
    /// counted as living to.
    package mutating func add(
        _ spawn: Spawn, _ observations: SpawnObservations, callSite place: Int, sessionEnd: UInt64
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
        // Both have the same time behind them, so that they are drawn at the same scale.
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

    /// The session is over. What processes did that are no spawns counts, where everything is selected: their execs and failed
    /// attempts, and the creating calls that failed.
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
