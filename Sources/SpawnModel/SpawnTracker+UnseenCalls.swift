/// System calls of the 32-bit interface (32-bit programs, and `int $0x80` in others) fire no tracepoint, but their
/// effects do. A creation, exec or end without a call shows that a process makes such calls, as long as no event was
/// lost.
extension SpawnTracker {
    private var tellsMissingCalls: Bool { losses == 0 }

    /// A process older than the recording may have been inside a call when it began, so one sign proves nothing.
    private mutating func addSign(_ process: Int32) {
        let isOld = roots.areOlderThanTheRecording
        let isSettled = processes.update(process) { state in
            state.addSign(isOld && state.spawn == nil ? 2 : 1)
        }
        if isSettled == true { countUnseenCalls() }
    }

    private mutating func countUnseenCalls() {
        for fact in [CallFact.failedAttempts, .failedCreations, .blocked] { totals.unknown[fact] += 1 }
    }

    /// A process was created. `hasEntry`: by a call that was seen. Returns whether the child also makes unseen calls.
    mutating func noteCreation(_ event: LifecycleEvent, hasEntry: Bool, spawnerName: String) -> Bool {
        guard !hasEntry, evidence.tellsCreationEntries, tellsMissingCalls,
            !Self.isKernelThread(event.process, spawnerName)
        else {
            return false
        }
        addSign(event.process)
        return processes.read(event.process) { $0.hasUnseenCalls } == true
    }

    static func isKernelThread(_ process: Int32, _ name: String) -> Bool { process == 2 || name.hasPrefix("kworker/") }

    /// An exec succeeded. `hasEntry`: its call was seen.
    mutating func noteExec(_ process: Int32, hasEntry: Bool) {
        guard tellsMissingCalls else { return }
        if !hasEntry, evidence.tellsAttempts { addSign(process) }
        guard evidence.tellsAttemptReturns else { return }
        processes.update(process) { state in
            state.awaitsExecReturn = !state.isKernels
            state.isKernels = false
        }
    }

    /// If a process does anything after an exec whose return was not seen, that was the return of a 32-bit program.
    mutating func noteExecWithoutReturn(_ event: LifecycleEvent) {
        guard processes.read(event.process, { $0.awaitsExecReturn }) == true else { return }
        switch event.kind {
        case .attemptEnded: break
        case .creationBegan, .created, .attemptBegan, .checkBegan, .executed, .exitRequested, .threadExited,
            .waitReturned, .waitidBegan:
            guard tellsMissingCalls else { break }
            addSign(event.process)
        default: return
        }
        processes.update(event.process) { $0.awaitsExecReturn = false }
    }

    /// A process ends; an end without an exit call or a signal is a sign of unseen calls.
    mutating func noteEnd(_ process: Int32) {
        guard evidence.tellsExits, tellsMissingCalls, processes.read(process, { $0.hasReasonToEnd }) == false else {
            return
        }
        addSign(process)
    }

    /// A creating call failed whose entry was not seen: it was for a thread, or a filter denied it.
    mutating func noteDeniedCreation(_ process: Int32) {
        guard tellsMissingCalls, processes.update(process, { $0.noteDeniedCreation() }) == true else { return }
        totals.unknown.addDenied()
    }

    /// If a parent's calls are not seen, it is unknown whether it waited for its children.
    mutating func noteUnseenWaits(of parent: Int32) {
        guard let reason = processes.read(parent, { $0.unseenWaits }) ?? nil else { return }
        for child in processes.read(parent, { $0.children }) ?? [] {
            processes.update(child) { $0.spawn?.unknown.insert(.unreaped, reason) }
        }
    }

    /// If the spawner's calls are not seen, it is unknown how long it was inside the creating call. Called while the
    /// spawner is still followed.
    func noteUnseenCreator(of spawn: inout Spawn) {
        if spawn.blockedCreating == nil, processes.read(spawn.parentPID, { $0.hasUnseenCalls }) == true {
            spawn.unknown.insert(.blocked)
        }
    }

    /// Notes what is unknown about a spawn whose end is decided.
    mutating func settleUnknown(_ spawn: inout Spawn, _ state: borrowing ProcessState) {
        if spawn.unknown.contains(.afterExec) { spawn.isOrphaned = false }
        if evidence.stopsProcesses { return settleTraced(&spawn, state) }
        if !state.isKnownLeft, let reason = processes.read(state.parent, { $0.unseenWaits }) ?? nil {
            spawn.unknown.insert(.unreaped, reason)
        }
        if !spawn.isUnreaped { spawn.unknown.remove(.unreaped) }
        if spawn.unknown.contains(.unreaped) { spawn.isUnreaped = false }
        if state.hasUnseenCalls {
            spawn.unknown.insert(.failedAttempts)
            if spawn.outcome != .executed {
                spawn.unknown.insert(.forked)
                spawn.unknown.insert(.failed)
            }
            if spawn.borders.ended != nil, spawn.status == nil, spawn.signal == nil { spawn.unknown.insert(.status) }
        }
        noteUnseenCreator(of: &spawn)
        var own = spawn.unknown
        // These two are counted once per process that makes unseen calls.
        for fact in [CallFact.failedAttempts, .blocked] { own.remove(fact) }
        for fact in unrecordedFacts(of: spawn) {
            spawn.unknown.insert(fact, .recording)
            own.insert(fact, .recording)
        }
        totals.unknown.add(own)
    }

    /// A process is followed no longer, since it has executed a program with other rights.
    package mutating func hide(_ process: Int32) {
        var facts = UnknownFacts()
        facts.insert(.afterExec, .rights)
        let isSpawn = processes.update(process) { state in
            state.spawn?.unknown.insert(.afterExec, .rights)
            return state.spawn != nil
        }
        if isSpawn == false { totals.unknown.add(facts) }
    }

    /// What no event of the session could have shown.
    private func unrecordedFacts(of spawn: Spawn) -> [CallFact] {
        var facts: [CallFact] = []
        if evidence.hidesAttempts {
            facts.append(.failedAttempts)
            if spawn.outcome == .forked { facts += [.forked, .failed] }
        }
        if evidence.hidesWaits { facts += [.unreaped, .blocked] }
        return facts
    }

    /// The recorder traced sees a process's attempts before its first exec alone, and no other calls.
    private mutating func settleTraced(_ spawn: inout Spawn, _ state: borrowing ProcessState) {
        var facts: [CallFact] = [.failedCreations, .blocked]
        if spawn.outcome == .executed || state.missesAttempts { facts.append(.failedAttempts) }
        if spawn.outcome == .forked, state.missesAttempts { facts += [.forked, .failed] }
        for fact in facts { spawn.unknown.insert(fact, .tracing) }
        totals.unknown.add(spawn.unknown)
    }
}
