internal import PerfRecords
internal import Session

extension SpawnTracker {
    /// `task_newtask` in the spawner, or a FORK record.
    mutating func create(
        _ child: Int32, flags: UInt64?, _ event: LifecycleEvent, callSite: UInt32?, spawnerName: String
    ) {
        if let flags, flags & CreationMethod.threadFlag != 0 { return }
        release(child)
        outsiders.remove(child)
        let chain = ancestry.child(
            of: processes.read(event.process) { $0.chain } ?? AncestryTable.root, named: spawnerName)
        var borders = SpawnBorders(created: event.time)
        var hasEntry = false
        if let pending = creations[event.thread], pending.child == nil {
            borders.creationBegan = pending.began
            creations[event.thread]?.child = child
            hasEntry = true
        }
        let hasUnseenCalls = flags != nil && noteCreation(event, hasEntry: hasEntry, spawnerName: spawnerName)
        var spawn = Spawn(
            pid: child, parentPID: event.process, parentTID: event.thread,
            method: flags.map(CreationMethod.init(cloneFlags:)), callSite: callSite, ancestry: chain, borders: borders,
            outcome: .forked, path: nil, execs: 0, failedAttempts: 0)
        spawn.wasStopped = evidence.stopsProcesses
        spawn.group = event.group
        if let size = spawnerSizes.removeValue(forKey: event.thread) {
            (spawn.spawnerPageTables, spawn.spawnerResident) = (size.pageTables, size.resident)
        }
        var state = ProcessState(spawn: spawn, chain: chain)
        state.group = event.group
        state.lossesAtCreation = losses
        state.isFirstOfNamespace = (flags ?? 0) & CreationMethod.pidNamespaceFlag != 0
        state.isKernels = !hasEntry && Self.isKernelThread(event.process, spawnerName)
        if hasUnseenCalls {
            state.inheritUnseenCalls()
            totals.unknown[.failedAttempts] += 1
        }
        state.hasRing = processes.read(event.process) { $0.hasRing } ?? false
        // CLONE_PARENT makes the child a sibling.
        let isSibling = (flags ?? 0) & CreationMethod.parentFlag != 0
        state.parent = isSibling ? processes.read(event.process) { $0.parent } ?? 0 : event.process
        let reaps = processes.update(state.parent) { parent in
            parent.children.insert(child)
            parent.childChanges &+= 1
            return parent.childReaps
        }
        state.pollsForThis = WaitPolling(reaps: reaps ?? 0)
        processes.insert(state, for: child)
    }

    /// A creating call is entered, for the first time or when the kernel restarts it.
    mutating func beginCreation(_ event: LifecycleEvent) {
        if creations[event.thread]?.isRestarting == true {
            creations[event.thread]?.isRestarting = false
        } else {
            creations[event.thread] = PendingCreation(began: event.time)
        }
    }

    /// A creating call returned: 0 in the child, the child's pid or an error in the spawner.
    mutating func returnFromCreation(_ event: LifecycleEvent, _ result: Int64, _ mayBeThreads: Bool) {
        guard result != 0 else {
            // A new thread returns 0, too.
            if event.thread == event.process { processes.update(event.process) { $0.run(at: event.time) } }
            return
        }
        guard !Restart.isOne(result) else {
            creations[event.thread]?.isRestarting = true
            return
        }
        let pending = creations.removeValue(forKey: event.thread)
        if result < 0 {
            // Entries of calls that create threads are not recorded, and a call denied by seccomp has no entry event.
            if pending != nil || !evidence.tellsCreationEntries || !mayBeThreads {
                totals.failedCreations += 1
            } else if !Self.isErrorOfThreads(result) {
                noteDeniedCreation(event.process)
            }
        }
        guard let pending, let child = pending.child, result > 0,
            processes.read(child, { $0.spawn?.parentTID }) == event.thread
        else { return }
        if event.time >= pending.began {
            processes.update(child) { $0.spawn?.blockedCreating = event.time - pending.began }
        }
        if let seen = Int32(exactly: result), seen != child {
            pidsInParents[ChildName(parent: event.process, pid: seen)] = child
            processes.update(child) { $0.pidInParent = seen }
        }
    }

    /// EAGAIN, ENOMEM and EINVAL: the kernel's errors when it cannot create a thread (clone(2)). Filters return others,
    /// such as EPERM and ENOSYS.
    private static func isErrorOfThreads(_ result: Int64) -> Bool { result == -11 || result == -12 || result == -22 }

    /// The pid is in use again, so its former owner is gone: it was reaped, or ended, unseen.
    mutating func release(_ pid: Int32) {
        settleLeft(by: pid)
        guard let state = processes.remove(pid) else { return }
        leave(state.children, at: nil)
        complete(state, isReaped: true)
    }
}
