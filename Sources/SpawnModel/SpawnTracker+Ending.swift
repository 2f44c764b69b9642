extension SpawnTracker {
    /// `sched_process_exit` of a thread.
    mutating func endThread(_ event: LifecycleEvent, isGroupDead: Bool?) {
        creations[event.thread] = nil
        waits[event.thread] = nil
        spawnerSizes[event.thread] = nil
        checks.remove(event.thread)
        toldFailures.remove(event.thread)
        attemptPaths[event.thread] = nil
        toldByTracers[event.thread] = nil
        if event.thread != event.process { threadOwners[event.thread] = nil }
        if isGroupDead == true { end(event.process, at: event.time) }
    }

    /// An EXIT record. The last thread's marks the end of the process if `sched_process_exit` does not report it.
    mutating func forgetThread(_ event: LifecycleEvent) {
        let left = processes.update(event.process) { state in
            state.threadCount -= 1
            return state.threadCount
        }
        guard let left, left <= 0, !evidence.tellsLastThread else { return }
        end(event.process, at: event.time)
    }

    /// The process's last thread is gone. Its state stays until a wait takes it, if waits are recorded and it has a
    /// parent.
    mutating func end(_ pid: Int32, at time: UInt64) {
        // Attempts that never returned and were followed by no exec have failed.
        fail(pid, attempts: processes.update(pid) { $0.dropPendingAttempts() } ?? 0)
        noteEnd(pid)
        noteUnseenWaits(of: pid)
        guard let children = processes.update(pid, { $0.takeChildren() }) else { return }
        leave(children, at: time, by: pid)
        // SIGKILL does not stop a process.
        let tellsSignals = evidence.tellsParents && !evidence.stopsProcesses
        let parent = processes.update(pid) { state in
            state.end(at: time, tellsSignals: tellsSignals)
            return state.spawn?.isOrphaned == false ? state.parent : nil
        }
        if let parent = parent ?? nil { processes.update(parent) { $0.noteChildEnd() } }
        if evidence.tellsWaits, let parent = parent ?? nil, processes.contains(parent) { return }
        if let state = processes.remove(pid) { complete(state, isReaped: true) }
    }

    /// Handles the children of a process that ends: the living become orphans, and its zombies are unreaped, as far as
    /// that is known already.
    mutating func leave(_ children: Set<Int32>, at time: UInt64?, by parent: Int32? = nil) {
        let isFirst = parent.flatMap { processes.read($0) { $0.isFirstOfNamespace } } ?? true
        var zombies: [ProcessState] = []
        for child in children.sorted() {
            guard let isZombie = processes.read(child, { $0.isZombie }) else { continue }
            if !isZombie {
                processes.update(child) { orphan in
                    orphan.parent = 0
                    orphan.spawn?.isOrphaned = true
                    orphan.spawn?.parentEnded = time
                }
            } else if var state = processes.remove(child) {
                // Noted now: the parent may no longer be followed when this zombie is completed.
                if var spawn = state.spawn {
                    noteUnseenCreator(of: &spawn)
                    state.spawn = spawn
                }
                // Without SIGCHLD so far, either the child ended along with its parent and has yet to send it, or the
                // parent ignored it.
                if evidence.stopsProcesses {
                    complete(state, isReaped: false)
                } else if evidence.tellsInheritors, !isFirst, case .zombie(let zombie) = state.stage, zombie.isTold {
                    zombies.append(state)
                } else if let time, evidence.tellsParents, case .zombie(let zombie) = state.stage, !zombie.isTold,
                    !zombie.isTraced
                {
                    if let settled = undecided.add(state, pid: child, at: time) { complete(settled, isReaped: true) }
                } else {
                    complete(state, isReaped: false)
                }
            }
        }
        guard let parent, let time, !zombies.isEmpty else { return }
        let tellsExits = evidence.tellsExits
        let told = processes.read(parent) { $0.inheritorsTold(at: time, tellsExits: tellsExits) } ?? 0
        if let others = left.add(zombies, of: parent, told: told, at: time) { complete(others) }
    }

    /// No more events are expected for the zombies that a process left.
    mutating func settleLeft(by parent: Int32) {
        if let zombies = left.remove(parent) { complete(zombies) }
    }

    /// If the kernel sent no SIGCHLD for a child when its parent ended, something that was not seen had reaped it: a
    /// wait by io_uring or the 32-bit interface, or the kernel itself (SA_NOCLDWAIT). Or the new parent ignores its
    /// children.
    mutating func complete(_ left: LeftZombies.OfParent) {
        for var state in left.states {
            state.isKnownLeft = left.areAllThere
            if left.areAllThere {
                state.spawn?.unknown.remove(.unreaped)
            } else {
                state.spawn?.unknown.insert(.unreaped, .reaping)
            }
            complete(state, isReaped: false)
        }
    }

    /// A signal that may end its target has reached it. `sender` is `nil` for the kernel.
    mutating func receive(_ signal: Int32, _ thread: Int32, from sender: Int32?, _ name: String) {
        let target = threadOwners[thread] ?? thread
        processes.update(target) { state in
            guard let sender else { return state.receive(signal, from: SignalSender(relation: .kernel)) }
            // An ending parent sends death signals (PR_SET_PDEATHSIG) after its recorded end, which reset `parent`.
            let parent = state.parent == 0 ? state.spawn?.parentPID : state.parent
            let relation: SignalSender.Relation = sender == target ? .itself : sender == parent ? .parent : .other
            state.receive(signal, from: SignalSender(relation: relation, pid: sender, comm: name))
        }
    }

    /// SIGCHLD was sent to a thread of the process's parent or of its tracer; or the tracer, in which it fires, passes
    /// it on to the parent.
    mutating func tellParent(_ event: LifecycleEvent, _ thread: Int32?) {
        left.tell(event.process)
        let tellsExits = evidence.tellsExits
        processes.update(event.process) { $0.noteInheritor(at: event.time, tellsExits: tellsExits) }
        let target = thread.map { threadOwners[$0] ?? $0 }
        guard processes.read(event.process, { $0.isZombie }) == true else {
            toldByTracers[event.thread] = target
            return
        }
        let parent = processes.read(event.process) { $0.parent } ?? 0
        // The processes of threads that are older than the recording are unknown.
        let isParents =
            target == nil || target == parent
            || target.map { !processes.contains($0) } == true && roots.areOlderThanTheRecording
                && processes.read(parent) { $0.spawn == nil } == true
        processes.update(event.process) { state in
            guard case .zombie(var zombie) = state.stage else { return }
            if isParents { zombie.isTold = true } else { zombie.isTraced = true }
            state.stage = .zombie(zombie)
        }
    }

    /// A tracer's wait took another process's child. The parent's wait is to come, unless it ignores its children.
    mutating func endTracersWait(_ event: LifecycleEvent, _ seen: Int32) {
        let told = toldByTracers.removeValue(forKey: event.thread)
        processes.update(seen) { state in
            guard case .zombie(var zombie) = state.stage, state.parent == told else { return }
            zombie.isTold = true
            state.stage = .zombie(zombie)
        }
    }

    /// An event of a process that is no longer followed. SIGCHLD for one whose parent ended at the same time decides
    /// that it was left unreaped.
    mutating func decide(_ event: LifecycleEvent) {
        guard case .parentTold = event.kind else { return }
        left.tell(event.process)
        guard var state = undecided.remove(event.process) else { return }
        state.stage = .zombie(ProcessState.Zombie(isTold: true))
        complete(state, isReaped: false)
    }

    /// Completes a spawn, of which no more events are expected. `isReaped`: a wait took it, or it is not known to have
    /// been left.
    mutating func complete(_ state: ProcessState, isReaped: Bool) {
        guard var spawn = state.spawn else { return }
        let pid = spawn.pid
        processes.update(state.parent) { $0.children.remove(pid) }
        if let seen = state.pidInParent { pidsInParents[ChildName(parent: spawn.parentPID, pid: seen)] = nil }
        if case .zombie(let zombie) = state.stage, !isReaped {
            spawn.isUnreaped = zombie.isTold || !evidence.tellsParents
            // Its parent was killed before the recorder could look, or the recorder was.
            if evidence.stopsProcesses, !zombie.isTold { spawn.unknown.insert(.unreaped, .tracing) }
        }
        if spawn.outcome == .forked, state.attempts > 0 { spawn.outcome = .failed }
        settleUnknown(&spawn, state)
        totals.add(spawn)
        ended.append(spawn)
    }
}

extension SpawnTotals {
    mutating func add(_ spawn: Spawn) {
        spawns += 1
        switch spawn.outcome {
        case .executed: executed += 1
        case .forked: forked += 1
        case .failed: failed += 1
        }
        if spawn.isUnfinished { unfinished += 1 }
        if spawn.isUnreaped { unreaped += 1 }
        if spawn.isOrphaned { orphaned += 1 }
        if spawn.isComplete { complete += 1 }
        let (sum, overflow) = blocked.addingReportingOverflow(spawn.blocked)
        blocked = overflow ? .max : sum
    }
}
