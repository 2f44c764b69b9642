/// The lifecycle of every process of the lineage: events in time order go in, a `Spawn` comes out when a process ends or
/// the session does. No I/O, no symbols; memory grows with the processes alive at once.
public struct SpawnTracker {
    /// Where the lineage begins.
    public enum Roots: Hashable, Sendable {
        /// The process that executes COMMAND, stopped until the recording began.
        case command(Int32)
        /// Processes that ran when the recording began (`-p`: those named, and their descendants).
        case processes(Set<Int32>)
        /// Every process that was there before its creation could be seen (`-a`, and recordings of stock perf).
        case everything
    }

    public private(set) var totals = SpawnTotals()
    /// The failed attempts of the totals, one by one.
    public private(set) var failures = FailureTable()
    public private(set) var ancestry = AncestryTable()

    private let roots: Roots
    private let tellsLastThread: Bool
    private var processes: [Int32: ProcessState] = [:]
    /// With `.everything`: living processes that are not the workload's all the same.
    private var outsiders: Set<Int32>
    /// What `nextEnded` hands out, from `endedStart` on.
    private var ended: [Spawn] = []
    private var endedStart = 0

    /// With `.everything`, `starting` is a process that executes a COMMAND as its first, and `excluding` one (the recorder)
    /// that is left out with all that it starts.
    public init(roots: Roots, starting: Int32? = nil, excluding: Int32? = nil, tellsLastThread: Bool) {
        self.roots = roots
        self.tellsLastThread = tellsLastThread
        outsiders = []
        var starting = starting
        switch roots {
        case .command(let pid): starting = pid
        case .processes(let pids):
            for pid in pids { processes[pid] = ProcessState(spawn: nil, chain: AncestryTable.root) }
        case .everything:
            if let excluding { outsiders.insert(excluding) }
        }
        if let starting { processes[starting] = ProcessState(spawn: nil, chain: AncestryTable.root, isStarting: true) }
    }

    /// The next spawn that is complete, in the order of their ends; to be asked for after each `handle` and `finish`.
    public mutating func nextEnded() -> Spawn? {
        guard endedStart < ended.count else { return nil }
        let spawn = ended[endedStart]
        endedStart += 1
        if endedStart == ended.count {
            ended.removeAll(keepingCapacity: true)
            endedStart = 0
        }
        return spawn
    }

    /// What is known so far of a living process.
    public struct Process: Hashable, Sendable {
        public var ancestry: AncestryTable.Node
        public var callSite: UInt32?
        /// Of its first exec, `nil` before that and where it was not seen.
        public var path: String?
        /// Its creation was seen: it is no root.
        public var isSpawn: Bool
    }

    /// The process that `pid` is now; `nil` outside the lineage.
    public func process(_ pid: Int32) -> Process? {
        guard let state = processes[pid] else { return nil }
        return Process(
            ancestry: state.chain, callSite: state.spawn?.callSite, path: state.path, isSpawn: state.spawn != nil)
    }

    /// Whether a process belongs to the workload.
    public func isInLineage(_ process: Int32) -> Bool {
        processes[process] != nil || roots == .everything && !outsiders.contains(process)
    }

    /// Whether an event of a process matters to `handle`; asked before anything costly is done for it.
    public func follows(_ process: Int32) -> Bool {
        processes[process] != nil || roots == .everything
    }

    /// `callSite` and `spawnerName` (its comm) are looked at for creations only.
    public mutating func handle(_ event: LifecycleEvent, callSite: UInt32? = nil, spawnerName: String = "") {
        if roots == .everything, processes[event.process] == nil {
            guard !outsiders.contains(event.process) else { return followOutsider(event) }
            adopt(event)
        }
        guard processes[event.process] != nil else { return }
        switch event.kind {
        case .created(let child, let flags):
            create(child, flags: flags, event, callSite: callSite, spawnerName: spawnerName)
        case .creationReturned(let result):
            if result < 0 { totals.failedCreations += 1 }
        case .attemptBegan:
            if processes[event.process]?.beginAttempt(event.thread) == true { fail(event.process, attempts: 1) }
        case .attemptEnded(let result): endAttempt(event, result)
        // It ends the attempt: the return that follows finds none.
        case .attemptFailed(let path, let errno): endAttempt(event, 0 &- Int64(errno), path: path)
        // No number here is about waits.
        case .reaped: break
        case .executed(let path, let oldThread): execute(event, path, oldThread)
        case .exitRequested(let code, let isGroup):
            processes[event.process]?.requestExit(code, isGroup: isGroup, isLeader: event.thread == event.process)
        case .deadlySignal(let signal): processes[event.process]?.deadlySignal = signal
        case .threadExited(let isGroupDead): if isGroupDead == true { end(event.process, at: event.time) }
        case .threadCreated: processes[event.process]?.threadCount += 1
        case .threadEnded: endThread(event)
        }
    }

    /// The session is over: what still lives is unfinished.
    public mutating func finish() {
        let rest = processes.map { (createdAt: $0.value.spawn?.borders.created ?? 0, pid: $0.key) }
        for entry in rest.sorted(by: { $0 < $1 }) { end(entry.pid, at: nil) }
    }

    private mutating func adopt(_ event: LifecycleEvent) {
        switch event.kind {
        // A process that is only seen to end was no one's spawner.
        case .threadExited, .threadEnded, .threadCreated: return
        default: processes[event.process] = ProcessState(spawn: nil, chain: AncestryTable.root)
        }
    }

    private mutating func followOutsider(_ event: LifecycleEvent) {
        switch event.kind {
        case .created(let child, let flags) where (flags ?? 0) & CreationMethod.threadFlag == 0:
            if processes[child] != nil { end(child, at: nil) }
            outsiders.insert(child)
        case .threadExited(isGroupDead: true): outsiders.remove(event.process)
        default: break
        }
    }

    private mutating func create(
        _ child: Int32, flags: UInt64?, _ event: LifecycleEvent, callSite: UInt32?, spawnerName: String
    ) {
        if let flags, flags & CreationMethod.threadFlag != 0 { return }
        // The pid was free again, so its former owner ended unseen.
        if processes[child] != nil { end(child, at: nil) }
        outsiders.remove(child)
        let parentChain = processes[event.process]?.chain ?? AncestryTable.root
        let chain = ancestry.child(of: parentChain, named: spawnerName)
        let spawn = Spawn(
            pid: child, parentPID: event.process, parentTID: event.thread,
            method: flags.map(CreationMethod.init(cloneFlags:)), callSite: callSite, ancestry: chain,
            borders: SpawnBorders(created: event.time), outcome: .forked, path: nil, execs: 0, failedAttempts: 0)
        processes[child] = ProcessState(spawn: spawn, chain: chain)
    }

    private mutating func endAttempt(_ event: LifecycleEvent, _ result: Int64, path: String? = nil) {
        guard processes[event.process]?.endAttempt(event.thread) == true, result < 0 else { return }
        let errno = Int32(truncatingIfNeeded: 0 &- result)
        fail(event.process, attempts: 1, FailureTable.Failure(path: path, errno: errno))
    }

    private mutating func execute(_ event: LifecycleEvent, _ path: String, _ oldThread: Int32) {
        _ = processes[event.process]?.endAttempt(oldThread)
        // The other threads are gone, their attempts with them.
        let pending = processes[event.process]?.dropPendingAttempts() ?? 0
        fail(event.process, attempts: oldThread == 0 ? pending - 1 : pending)
        guard var state = processes[event.process] else { return }
        state.threadCount = 1
        if state.path == nil { state.path = path }
        if state.isStarting {
            state.isStarting = false
        } else {
            totals.execs += 1
            state.spawn?.execs += 1
            if state.spawn?.outcome == .forked {
                state.spawn?.outcome = .executed
                state.spawn?.path = path
            }
        }
        processes[event.process] = state
    }

    private mutating func fail(_ process: Int32, attempts: Int, _ failure: FailureTable.Failure = .init()) {
        guard attempts > 0, processes[process]?.isStarting == false else { return }
        totals.failedAttempts += attempts
        failures.add(failure, attempts)
        processes[process]?.spawn?.failedAttempts += attempts
    }

    private mutating func endThread(_ event: LifecycleEvent) {
        processes[event.process]?.threadCount -= 1
        guard let state = processes[event.process], state.threadCount <= 0, !tellsLastThread else { return }
        end(event.process, at: event.time)
    }

    private mutating func end(_ pid: Int32, at time: UInt64?) {
        // An attempt that never returned, and was followed by no exec.
        if time != nil { fail(pid, attempts: processes[pid]?.dropPendingAttempts() ?? 0) }
        guard let state = processes.removeValue(forKey: pid) else { return }
        guard var spawn = state.spawn else { return }
        spawn.borders.ended = time
        spawn.signal = state.deadlySignal
        spawn.status = state.deadlySignal == nil ? state.exitCode : nil
        if spawn.outcome == .forked, state.attempts > 0 { spawn.outcome = .failed }
        totals.spawns += 1
        switch spawn.outcome {
        case .executed: totals.executed += 1
        case .forked: totals.forked += 1
        case .failed: totals.failed += 1
        }
        if time == nil { totals.unfinished += 1 }
        ended.append(spawn)
    }
}
