extension SpawnTracker {
    /// `sched_process_exit` of a thread.
    mutating func endThread(_ event: LifecycleEvent, isGroupDead: Bool?) {
        creations[event.thread] = nil
        waits[event.thread] = nil
        spawnerSizes[event.thread] = nil
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
        guard let children = processes.update(pid, { $0.takeChildren() }) else { return }
        leave(children, at: time)
        let tellsSignals = evidence.tellsParents
        let parent = processes.update(pid) { state in
            state.end(at: time, tellsSignals: tellsSignals)
            return state.spawn?.isOrphaned == false ? state.parent : nil
        }
        if evidence.tellsWaits, let parent = parent ?? nil, processes.contains(parent) { return }
        if let state = processes.remove(pid) { complete(state, isReaped: true) }
    }

    /// The children of a process that ends: the living are orphans, and nobody of the workload reaps the others.
    mutating func leave(_ children: Set<Int32>, at time: UInt64?) {
        for child in children.sorted() {
            guard let isZombie = processes.read(child, { $0.isZombie }) else { continue }
            if !isZombie {
                processes.update(child) { orphan in
                    orphan.parent = 0
                    orphan.spawn?.isOrphaned = true
                    orphan.spawn?.parentEnded = time
                }
            } else if let state = processes.remove(child) {
                complete(state, isReaped: false)
            }
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

    mutating func tellParent(_ process: Int32) {
        processes.update(process) { state in
            if state.isZombie { state.stage = .zombie(ProcessState.Zombie(isTold: true)) }
        }
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
