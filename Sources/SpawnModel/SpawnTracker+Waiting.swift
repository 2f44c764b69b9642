extension SpawnTracker {
    /// `sched_process_wait`.
    mutating func beginWait(_ event: LifecycleEvent, _ child: Int32) {
        // A waitid's entry came just before, in the same thread; the entry of wait4 is not recorded.
        let waitid = waits[event.thread].flatMap { $0.began == nil ? $0.waitid : nil }
        waits[event.thread] = PendingWait(began: event.time, child: child, waitid: waitid)
    }

    /// wait4 returned a child (0 for none): one that ended is gone, one that was stopped or continued is not.
    mutating func endWait(_ event: LifecycleEvent, _ seen: Int32) {
        let wait = waits.removeValue(forKey: event.thread)
        guard seen != 0 else { return returnNothing(event.process, wait) }
        guard let child = child(of: event.process, seen: seen) else { return endTracersWait(event, seen) }
        addWait(wait, to: child, until: event.time)
        reap(child, at: event.time, by: wait)
    }

    /// waitid returned 0. If it was for one child, it is that one, whether its state had changed or not (WNOHANG). If
    /// it was for any child, the recorder's program reports which, or only one zombie can be meant.
    mutating func endWaitid(_ event: LifecycleEvent) {
        guard let wait = waits.removeValue(forKey: event.thread), let arguments = wait.waitid else { return }
        var child: Int32?
        if arguments.isOfOneChild {
            child = processes.read(wait.child, { $0.parent }) == event.process ? wait.child : nil
        } else if !evidence.tellsReaped {
            let zombies = (processes.read(event.process) { $0.children } ?? []).filter { isZombie($0) }
            child = zombies.count == 1 ? zombies.first : nil
            guard zombies.count <= 1 else { return }
        }
        if let child { addWait(wait, to: child, until: event.time) }
        guard let child, isZombie(child) else {
            // A waitid for any child that leaves it a zombie (WNOWAIT): it is unknown whether it returned one.
            let isTold = arguments.isOfOneChild || !arguments.leavesChild
            if arguments.returnsAtOnce, isTold { returnNothing(event.process, wait) }
            return
        }
        if !arguments.leavesChild { reap(child, at: event.time, by: wait) }
    }

    /// The recorder's program saw which child a waitid took, just before the call returned.
    mutating func takeReaped(_ event: LifecycleEvent, _ seen: Int32) {
        guard let child = child(of: event.process, seen: seen) else { return }
        let wait = waits[event.thread]
        if let wait, wait.waitid?.isOfOneChild != true {
            addWait(wait, to: child, until: event.time)
            waits[event.thread] = nil
        }
        reap(child, at: event.time, by: wait)
    }

    /// The child that a process knows by this pid.
    private func child(of parent: Int32, seen: Int32) -> Int32? {
        let pid = pidsInParents[ChildName(parent: parent, pid: seen)] ?? seen
        return processes.read(pid, { $0.parent }) == parent && pid != 0 ? pid : nil
    }

    private mutating func addWait(_ wait: PendingWait?, to child: Int32, until time: UInt64) {
        guard let began = wait?.began, began <= time else { return }
        processes.update(child) { $0.spawn?.blockedWaiting &+= time - began }
    }

    /// The wait was not to block, and no child that it could have taken had changed state.
    private mutating func returnNothing(_ parent: Int32, _ wait: PendingWait?) {
        guard let wait, wait.began != nil, let seen = processes.read(parent, { ($0.childChanges, $0.childEnds) }) else {
            return
        }
        let isOfOneChild = wait.child != 0 && processes.read(wait.child, { $0.parent }) == parent
        processes.update(isOfOneChild ? wait.child : parent) { state in
            if isOfOneChild {
                state.pollsForThis.returnedNothing(changes: seen.0, ends: seen.1)
            } else {
                state.pollsForAny.returnedNothing(changes: seen.0, ends: seen.1)
            }
        }
    }

    private mutating func reap(_ child: Int32, at time: UInt64, by wait: PendingWait?) {
        guard isZombie(child), var state = processes.remove(child) else { return }
        let forAny = processes.update(state.parent) { parent in
            parent.childReaps &+= 1
            defer { parent.pollsForAny = WaitPolling(reaps: parent.childReaps) }
            return parent.pollsForAny.count
        }
        // A wait that began before the end has blocked.
        if let began = wait?.began, let ended = state.spawn?.borders.ended, began >= ended {
            state.spawn?.polls = state.pollsForThis.count &+ (forAny ?? 0)
        }
        state.spawn?.borders.reaped = time
        settleLeft(by: child)
        complete(state, isReaped: true)
    }

    private func isZombie(_ process: Int32) -> Bool { processes.read(process) { $0.isZombie } == true }
}
