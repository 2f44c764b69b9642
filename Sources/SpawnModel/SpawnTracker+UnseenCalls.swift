/// System calls of the 32-bit interface (32-bit programs, and `int $0x80` in others) fire no tracepoint; what they lead to does. A creation,
/// an exec or an end for which there was no call tells that a process makes such calls, as long as no event was lost.
extension SpawnTracker {
    private var tellsMissingCalls: Bool { losses == 0 }

    /// A process that was there before may have been inside a call when the recording began: once proves nothing.
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

    /// A process was made. `hasEntry`: by a call that was seen. True where the child, too, makes calls that are not.
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

    /// An exec succeeded. `hasEntry`: of a call that was seen.
    mutating func noteExec(_ process: Int32, hasEntry: Bool) {
        guard tellsMissingCalls else { return }
        if !hasEntry, evidence.tellsAttempts { addSign(process) }
        guard evidence.tellsAttemptReturns else { return }
        processes.update(process) { state in
            state.awaitsExecReturn = !state.isKernels
            state.isKernels = false
        }
    }

    /// Whatever a process does after an exec that has not returned: that return was one of a 32-bit program.
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

    /// A process ends.
    mutating func noteEnd(_ process: Int32) {
        guard evidence.tellsExits, tellsMissingCalls, processes.read(process, { $0.hasReasonToEnd }) == false else {
            return
        }
        addSign(process)
    }

    /// A creating call failed whose entry was not seen: of a thread, or one that a filter denied.
    mutating func noteDeniedCreation(_ process: Int32) {
        guard tellsMissingCalls, processes.update(process, { $0.noteDeniedCreation() }) == true else { return }
        totals.unknown.addDenied()
    }

    /// Whether a parent waited for its children cannot be told where its calls are not seen.
    mutating func noteUnseenWaits(of parent: Int32) {
        guard let reason = processes.read(parent, { $0.unseenWaits }) ?? nil else { return }
        for child in processes.read(parent, { $0.children }) ?? [] {
            processes.update(child) { $0.spawn?.unknown.insert(.unreaped, reason) }
        }
    }

    /// How long its spawner was inside the creating call cannot be told where its calls are not seen. Asked while that one is followed.
    func noteUnseenCreator(of spawn: inout Spawn) {
        if spawn.blockedCreating == nil, processes.read(spawn.parentPID, { $0.hasUnseenCalls }) == true {
            spawn.unknown.insert(.blocked)
        }
    }

    /// What is not known of a spawn whose end is decided.
    mutating func settleUnknown(_ spawn: inout Spawn, _ state: borrowing ProcessState) {
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
        // Those are counted with the processes that they are unknown of.
        for fact in [CallFact.failedAttempts, .blocked] { own.remove(fact) }
        totals.unknown.add(own)
    }
}
