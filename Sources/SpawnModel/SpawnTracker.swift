internal import PerfRecords
internal import Session

/// The lifecycle of every process of the lineage: events in time order go in, a `Spawn` comes out when a process or the
/// session ends. No I/O, no symbols; memory grows with the number of processes alive at once.
package struct SpawnTracker {
    /// Where the lineage begins.
    package enum Roots: Hashable, Sendable {
        /// The process that executes COMMAND, stopped until the recording began.
        case command(Int32)
        /// Processes that ran when the recording began (`-p`: those named, and their descendants).
        case processes(Set<Int32>)
        /// Every process that was there before its creation could be seen (`-a`, and recordings of stock perf).
        case everything

        /// Whether their threads were created before the recording began.
        var areOlderThanTheRecording: Bool {
            if case .command = self { false } else { true }
        }
    }

    /// What a session records; nothing is concluded from the absence of events that it does not record.
    package struct Evidence: Hashable, Sendable {
        /// `sched_process_exit` says which thread was the last.
        package var tellsLastThread: Bool
        /// Waits are recorded: an ended child is kept until one takes it.
        package var tellsWaits: Bool
        /// Which child a waitid for any child took is recorded.
        package var tellsReaped: Bool
        /// SIGCHLD is recorded: if there is none at an end, the parent ignores its children.
        package var tellsParents: Bool
        /// SIGCHLD to the new parent of a child that was left unreaped is recorded.
        package var tellsInheritors = false
        /// Entries into creating calls are recorded: a failure without one may have been to create a thread.
        package var tellsCreationEntries = false
        /// Entries into execve are recorded, and their returns.
        package var tellsAttempts = false
        package var tellsAttemptReturns = false
        /// Entries into exit and exit_group are recorded.
        package var tellsExits = false
        /// When threads exit one by one, the exit code is the leader's (kernels before 5.17), not the last thread's.
        package var leaderDecidesCode = false

        /// The session has no event that could show an attempt, or a wait.
        var hidesAttempts = false
        var hidesWaits = false

        /// The recorder stopped each process before it ran, and when it executed.
        package var stopsProcesses = false

        package init(
            tellsLastThread: Bool = true, tellsWaits: Bool = false, tellsReaped: Bool = false,
            tellsParents: Bool = false
        ) {
            self.tellsLastThread = tellsLastThread
            self.tellsWaits = tellsWaits
            self.tellsReaped = tellsReaped
            self.tellsParents = tellsParents
        }

        /// The joined recorder tells everything but how a process came to its end: its exit code is read from the kernel.
        static var ofJoinedRecorder: Self {
            var evidence = Self(tellsWaits: true, tellsReaped: true, tellsParents: true)
            evidence.tellsInheritors = true
            evidence.tellsCreationEntries = true
            evidence.tellsAttempts = true
            evidence.tellsAttemptReturns = true
            return evidence
        }

        /// The recorder traced sees no calls, and looks whether children that have ended were reaped.
        static var ofTracedRecorder: Self {
            var evidence = Self(tellsWaits: true, tellsReaped: true, tellsParents: true)
            evidence.stopsProcesses = true
            return evidence
        }
    }

    package internal(set) var totals = SpawnTotals()
    /// The failed attempts of `totals`, by path and errno.
    package internal(set) var failures = FailureTable()
    /// The attempts that were shown to have failed since `takeFailures` was last called.
    var newFailures: [FailedAttempts] = []
    package internal(set) var ancestry = AncestryTable()

    let roots: Roots
    let evidence: Evidence
    /// Living processes and those that wait to be reaped.
    var processes = ProcessTable()
    /// Calls that a thread is inside, by thread.
    var creations: [Int32: PendingCreation] = [:]
    var waits: [Int32: PendingWait] = [:]
    /// By thread: the size of its process, for the creation that comes next.
    var spawnerSizes: [Int32: ProgramOutput.SpawnerSize] = [:]
    /// Children that their parents know by other pids, because the parents are in pid namespaces of their own.
    var pidsInParents: [ChildName: Int32] = [:]
    /// The processes of threads that are not leaders.
    var threadOwners: [Int32: Int32] = [:]
    /// Threads inside an execveat that only checks whether a file may be executed.
    var checks: Set<Int32> = []
    /// Threads whose failed attempt the recorder's program has reported, before the call returned.
    var toldFailures: Set<Int32> = []
    /// By thread: the path of the attempt that it is in, if the kernel copied it into the event.
    var attemptPaths: [Int32: String] = [:]
    /// By thread of a tracer: the parent to which it passed on a child's SIGCHLD.
    var toldByTracers: [Int32: Int32] = [:]
    /// Ended children whose parent ended before it was sent SIGCHLD. Whether it would have been sent shows in a moment.
    var undecided = UndecidedZombies()
    /// Ended children that no wait was seen to take before their parent ended.
    var left = LeftZombies()
    /// How often the session reports lost events.
    var losses: UInt64 = 0
    /// With `.everything`: living processes that do not belong to the workload.
    var outsiders: Set<Int32>
    /// The spawns that `nextEnded` returns, from `endedStart` on.
    var ended: [Spawn] = []
    private var endedStart = 0

    /// A child, by the pid that its parent knows it by.
    struct ChildName: Hashable {
        var parent: Int32
        var pid: Int32
    }

    /// With `.everything`, `starting` is a process that first executes COMMAND, and `excluding` one (the recorder) that
    /// is left out with all of its descendants.
    package init(roots: Roots, starting: Int32? = nil, excluding: Int32? = nil, evidence: Evidence) {
        self.roots = roots
        self.evidence = evidence
        // What the root does itself.
        if evidence.stopsProcesses {
            var ofRoot = UnknownFacts()
            for fact in [CallFact.failedAttempts, .failedCreations] { ofRoot.insert(fact, .tracing) }
            totals.unknown.add(ofRoot)
        } else if evidence.hidesAttempts {
            var ofRoot = UnknownFacts()
            ofRoot.insert(.failedAttempts, .recording)
            totals.unknown.add(ofRoot)
        }
        outsiders = []
        var starting = starting
        switch roots {
        case .command(let pid): starting = pid
        case .processes(let pids):
            for pid in pids { processes.insert(ProcessState(spawn: nil, chain: AncestryTable.root), for: pid) }
        case .everything:
            if let excluding { outsiders.insert(excluding) }
        }
        if let starting {
            processes.insert(ProcessState(spawn: nil, chain: AncestryTable.root, isStarting: true), for: starting)
        }
    }

    /// All completed spawns, in the order of completion; to be called after each `handle` and `finish`. An array, since an empty `Spawn?` is
    /// copied like a full one, and after most records there is none.
    package mutating func takeEnded() -> [Spawn] {
        guard !ended.isEmpty else { return [] }
        defer { (ended, endedStart) = ([], 0) }
        return endedStart == 0 ? ended : Array(ended[endedStart...])
    }

    /// The next completed spawn, in the order of completion; to be called after each `handle` and `finish`.
    package mutating func nextEnded() -> Spawn? {
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
    package struct Process: Hashable, Sendable {
        package var ancestry: AncestryTable.Node
        package var callSite: UInt32?
        /// The name of the program of its first exec; `nil` before that, or if it was not seen.
        package var program: String?
        /// The names of the programs of a spawn's later execs.
        package var laterPrograms: [String]
        /// Its creation was seen, so it is not a root.
        package var isSpawn: Bool
        /// It runs the spawner's code, and has attempted no exec yet.
        package var isPreparing: Bool
        /// The id of its control group, as far as is known.
        package var group: UInt64?
        /// The phase that the spawn is in, as far as is known: never `create`, which ends when the child exists, and
        /// never `link`, which is part of `run` here. `nil` for a root.
        package var phase: Phase?
    }

    /// The process that `pid` is now; `nil` outside the lineage.
    package func process(_ pid: Int32) -> Process? {
        processes.read(pid) { state in
            Process(
                ancestry: state.chain, callSite: state.spawn?.callSite, program: state.program,
                laterPrograms: state.spawn?.laterImages.map(\.name) ?? [], isSpawn: state.spawn != nil,
                isPreparing: state.stage == .preparing, group: state.group,
                phase: state.spawn == nil ? nil : state.phase)
        }
    }

    /// Whether a process belongs to the workload.
    package func isInLineage(_ process: Int32) -> Bool {
        processes.contains(process) || roots == .everything && !outsiders.contains(process)
    }

    /// Whether `handle` needs the events of a process; checked before anything costly is done for one.
    package func follows(_ process: Int32) -> Bool {
        processes.contains(process) || roots == .everything || undecided.contains(process) || left.contains(process)
    }

    /// `callSite` is used for creations only; `name`, the process's comm, for creations and for signals that it sends.
    package mutating func handle(_ event: LifecycleEvent, callSite: UInt32? = nil, name: String = "") {
        if case .signalSent(let signal, let thread, let isKernels) = event.kind {
            return receive(signal, thread, from: isKernels ? nil : event.process, name)
        }
        if !processes.turn(to: event.process), roots == .everything {
            guard !outsiders.contains(event.process) else { return followOutsider(event) }
            adopt(event)
        }
        guard let isZombie = processes.read(event.process, { $0.isZombie }) else { return decide(event) }
        // After its end, a process has only events of the kernel's tear-down.
        if isZombie, !event.kind.isOfTearDown { return }
        noteExecWithoutReturn(event)
        switch event.kind {
        case .creationBegan: beginCreation(event)
        case .created(let child, let flags):
            create(child, flags: flags, event, callSite: callSite, spawnerName: name)
        case .creationReturned(let result, let mayBeThreads): returnFromCreation(event, result, mayBeThreads)
        case .checkBegan: checks.insert(event.thread)
        case .attemptBegan(let path):
            checks.remove(event.thread)
            toldFailures.remove(event.thread)
            if let path { attemptPaths[event.thread] = path }
            let losses = losses
            let wasInside = processes.update(event.process) {
                $0.beginAttempt(event.thread, at: event.time, losses: losses)
            }
            if wasInside == true {
                fail(event.process, attempts: 1)
            }
        case .attemptEnded(let result): endAttempt(event, result)
        case .attemptFailed(let path, let errno): failAttempt(event, path, errno)
        case .attemptsUnseen: processes.update(event.process) { $0.missesAttempts = true }
        case .executed(let path, let oldThread): execute(event, path, oldThread)
        case .imageMeasured(let sizes): processes.update(event.process) { $0.imageSizes = sizes }
        case .spawnerMeasured(let size): spawnerSizes[event.thread] = size
        case .linked: link(event)
        case .ringCreated: processes.update(event.process) { $0.hasRing = true }
        case .exitRequested(let code, let isGroup):
            let decides = !evidence.leaderDecidesCode || event.thread == event.process
            processes.update(event.process) { $0.requestExit(code, isGroup: isGroup, decides: decides) }
        case .deadlySignal(let signal): processes.update(event.process) { $0.deliver(signal) }
        case .signalSent: break
        case .threadExited(let isGroupDead): endThread(event, isGroupDead: isGroupDead)
        case .threadCreated(let thread):
            processes.update(event.process) { $0.threadCount += 1 }
            threadOwners[thread] = event.process
        case .threadEnded: forgetThread(event)
        case .parentTold(let thread): tellParent(event, thread)
        case .waitBegan(let child): beginWait(event, child)
        case .waitidBegan(let arguments): waits[event.thread] = PendingWait(waitid: arguments)
        case .waitReturned(let child): endWait(event, child)
        case .waitidReturned: endWaitid(event)
        case .reaped(let child): takeReaped(event, child)
        }
    }

    /// The session says that the kernel dropped events just before.
    package mutating func eventsWereLost() { losses &+= 1 }

    /// The session is over: living processes are unfinished, and zombies were not reaped.
    package mutating func finish() {
        var rest: [(created: UInt64, pid: Int32)] = []
        processes.forEach { rest.append(($1.spawn?.borders.created ?? 0, $0)) }
        // A parent may be removed before its children are completed.
        for entry in rest { noteUnseenWaits(of: entry.pid) }
        while let zombies = left.removeFirst() { complete(zombies) }
        for entry in rest.sorted(by: { $0 < $1 }) {
            guard let state = processes.remove(entry.pid) else { continue }
            complete(state, isReaped: false)
        }
        while let state = undecided.removeFirst() { complete(state, isReaped: true) }
    }

    private mutating func adopt(_ event: LifecycleEvent) {
        switch event.kind {
        // A process of which only the end is seen spawned nothing.
        case .threadExited, .threadEnded, .threadCreated, .parentTold: return
        default: processes.insert(ProcessState(spawn: nil, chain: AncestryTable.root), for: event.process)
        }
    }

    private mutating func followOutsider(_ event: LifecycleEvent) {
        switch event.kind {
        case .created(let child, let flags) where (flags ?? 0) & CreationMethod.threadFlag == 0:
            release(child)
            outsiders.insert(child)
        case .threadExited(isGroupDead: true): outsiders.remove(event.process)
        default: break
        }
    }
}
