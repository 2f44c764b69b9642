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

    /// An EXIT record: the last one is the process's end, where `sched_process_exit` does not tell.
    mutating func forgetThread(_ event: LifecycleEvent) {
        let left = processes.update(event.process) { state in
            state.threadCount -= 1
            return state.threadCount
        }
        guard let left, left <= 0, !evidence.tellsLastThread else { return }
        end(event.process, at: event.time)
    }

    /// The process's last thread is gone. It stays until a wait takes it, where there is someone to wait and waits are told.
    mutating func end(_ pid: Int32, at time: UInt64) {
        // An attempt that never returned, and was followed by no exec.
        fail(pid, attempts: processes.update(pid) { $0.dropPendingAttempts() } ?? 0)
        noteEnd(pid)
        noteUnseenWaits(of: pid)
        guard let children = processes.update(pid, { $0.takeChildren() }) else { return }
        leave(children, at: time, by: pid)
        let tellsSignals = evidence.tellsParents
        let parent = processes.update(pid) { state in
            state.end(at: time, tellsSignals: tellsSignals)
            return state.spawn?.isOrphaned == false ? state.parent : nil
        }
        if let parent = parent ?? nil { processes.update(parent) { $0.noteChildEnd() } }
        if evidence.tellsWaits, let parent = parent ?? nil, processes.contains(parent) { return }
        if let state = processes.remove(pid) { complete(state, isReaped: true) }
    }

    /// The children of a process that ends: the living are orphans, and nobody of the workload reaps the others.
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
                // It may be decided when its parent is not followed any more.
                if var spawn = state.spawn {
                    noteUnseenCreator(of: &spawn)
                    state.spawn = spawn
                }
                // A child that ends as its parent does has told nobody yet, or is one that its parent ignored.
                if evidence.tellsInheritors, !isFirst, case .zombie(let zombie) = state.stage, zombie.isTold {
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
        let told = processes.read(parent) { $0.inheritorsTold } ?? 0
        if let others = left.add(zombies, of: parent, told: told, at: time) { complete(others) }
    }

    /// Nothing more is to come of those that a process left.
    mutating func settleLeft(by parent: Int32) {
        if let zombies = left.remove(parent) { complete(zombies) }
    }

    /// Where the kernel told nobody of a child when its parent ended, something has reaped it that was not seen: a wait by io_uring or by the
    /// 32-bit interface, or the kernel itself (SA_NOCLDWAIT). Or whoever inherits it ignores its children.
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

    /// A signal that may end its target has reached it, whoever sent it.
    mutating func receive(_ signal: Int32, _ thread: Int32, from sender: Int32?, _ name: String) {
        let target = threadOwners[thread] ?? thread
        processes.update(target) { state in
            guard let sender else { return state.receive(signal, from: SignalSender(relation: .kernel)) }
            // A parent's last act, when it is no parent any more, is to send death signals.
            let parent = state.parent == 0 ? state.spawn?.parentPID : state.parent
            let relation: SignalSender.Relation = sender == target ? .itself : sender == parent ? .parent : .other
            state.receive(signal, from: SignalSender(relation: relation, pid: sender, comm: name))
        }
    }

    /// SIGCHLD went to a thread: of the parent of the process that it happens in, or of that one's tracer; or the tracer passes it on.
    mutating func tellParent(_ event: LifecycleEvent, _ thread: Int32?) {
        left.tell(event.process)
        processes.update(event.process) { $0.noteInheritor() }
        let target = thread.map { threadOwners[$0] ?? $0 }
        guard processes.read(event.process, { $0.isZombie }) == true else {
            toldByTracers[event.thread] = target
            return
        }
        let parent = processes.read(event.process) { $0.parent } ?? 0
        // Threads that were there before the recording have no known process.
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

    /// A tracer's wait took a child of another's: that one's own wait is still to come, unless it ignores its children.
    mutating func endTracersWait(_ event: LifecycleEvent, _ seen: Int32) {
        let told = toldByTracers.removeValue(forKey: event.thread)
        processes.update(seen) { state in
            guard case .zombie(var zombie) = state.stage, state.parent == told else { return }
            zombie.isTold = true
            state.stage = .zombie(zombie)
        }
    }

    /// An event of a process that is not followed any more: one whose parent ended at the same time has told somebody of its end.
    mutating func decide(_ event: LifecycleEvent) {
        guard case .parentTold = event.kind else { return }
        left.tell(event.process)
        guard var state = undecided.remove(event.process) else { return }
        state.stage = .zombie(ProcessState.Zombie(isTold: true))
        complete(state, isReaped: false)
    }

    /// All that the session tells of a spawn is known. `isReaped`: a wait took it, or it is not known to have been left.
    mutating func complete(_ state: ProcessState, isReaped: Bool) {
        guard var spawn = state.spawn else { return }
        let pid = spawn.pid
        processes.update(state.parent) { $0.children.remove(pid) }
        if let seen = state.pidInParent { pidsInParents[ChildName(parent: spawn.parentPID, pid: seen)] = nil }
        if case .zombie(let zombie) = state.stage, !isReaped {
            spawn.isUnreaped = zombie.isTold || !evidence.tellsParents
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
