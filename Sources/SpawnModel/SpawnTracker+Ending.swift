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
        processes[event.process]?.threadCount -= 1
        guard let state = processes[event.process], state.threadCount <= 0, !evidence.tellsLastThread else { return }
        end(event.process, at: event.time)
    }

    /// The process's last thread is gone. It stays until a wait takes it, where there is someone to wait and waits are told.
    mutating func end(_ pid: Int32, at time: UInt64) {
        // An attempt that never returned, and was followed by no exec.
        fail(pid, attempts: processes[pid]?.dropPendingAttempts() ?? 0)
        guard var state = processes[pid] else { return }
        leaveChildren(of: state, at: time)
        state.children = []
        state.end(at: time, tellsSignals: evidence.tellsParents)
        let isWaitedFor = evidence.tellsWaits && state.spawn?.isOrphaned == false && processes[state.parent] != nil
        if isWaitedFor {
            processes[pid] = state
        } else {
            processes[pid] = nil
            complete(state, isReaped: true)
        }
    }

    /// The children of a process that ends: the living are orphans, and nobody of the workload reaps the others.
    mutating func leaveChildren(of state: ProcessState, at time: UInt64?) {
        for child in state.children.sorted() {
            guard let orphan = processes[child] else { continue }
            if orphan.isZombie {
                processes[child] = nil
                complete(orphan, isReaped: false)
            } else {
                processes[child]?.parent = 0
                processes[child]?.spawn?.isOrphaned = true
                processes[child]?.spawn?.parentEnded = time
            }
        }
    }

    /// A signal that may end its target has reached it, whoever sent it.
    mutating func receive(_ signal: Int32, _ thread: Int32, from sender: Int32?, _ name: String) {
        let target = threadOwners[thread] ?? thread
        guard let state = processes[target] else { return }
        guard let sender else {
            processes[target]?.receive(signal, from: SignalSender(relation: .kernel))
            return
        }
        // A parent's last act, when it is no parent any more, is to send death signals.
        let parent = state.parent == 0 ? state.spawn?.parentPID : state.parent
        let relation: SignalSender.Relation = sender == target ? .itself : sender == parent ? .parent : .other
        processes[target]?.receive(signal, from: SignalSender(relation: relation, pid: sender, comm: name))
    }

    mutating func tellParent(_ process: Int32) {
        guard case .zombie = processes[process]?.stage else { return }
        processes[process]?.stage = .zombie(ProcessState.Zombie(isTold: true))
    }

    /// All that the session tells of a spawn is known. `isReaped`: a wait took it, or it is not known to have been left.
    mutating func complete(_ state: ProcessState, isReaped: Bool) {
        guard var spawn = state.spawn else { return }
        processes[state.parent]?.children.remove(spawn.pid)
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
