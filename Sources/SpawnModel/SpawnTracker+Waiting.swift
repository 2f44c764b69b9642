extension SpawnTracker {
    /// `sched_process_wait`.
    mutating func beginWait(_ event: LifecycleEvent, _ child: Int32) {
        // A waitid's entry came just before it, in the same thread; a wait4 has none.
        let waitid = waits[event.thread].flatMap { $0.began == nil ? $0.waitid : nil }
        waits[event.thread] = PendingWait(began: event.time, child: child, waitid: waitid)
    }

    /// wait4 returned a child: one that ended is gone, one that was stopped or continued is not.
    mutating func endWait(_ event: LifecycleEvent, _ seen: Int32) {
        let wait = waits.removeValue(forKey: event.thread)
        guard let child = child(of: event.process, seen: seen) else { return endTracersWait(event, seen) }
        addWait(wait, to: child, until: event.time)
        reap(child, at: event.time)
    }

    /// waitid returned 0: for one child that is the one, whether it had anything to say or not (WNOHANG); for any child the
    /// recorder's program tells, or there is only one that can be meant.
    mutating func endWaitid(_ event: LifecycleEvent) {
        guard let wait = waits.removeValue(forKey: event.thread), let arguments = wait.waitid else { return }
        var child: Int32?
        if arguments.isOfOneChild {
            child = processes.read(wait.child, { $0.parent }) == event.process ? wait.child : nil
        } else if !evidence.tellsReaped {
            let zombies = (processes.read(event.process) { $0.children } ?? []).filter { isZombie($0) }
            child = zombies.count == 1 ? zombies.first : nil
        }
        guard let child else { return }
        addWait(wait, to: child, until: event.time)
        if !arguments.leavesChild { reap(child, at: event.time) }
    }

    /// The recorder's program saw which child a waitid took, just before that returned.
    mutating func takeReaped(_ event: LifecycleEvent, _ seen: Int32) {
        guard let child = child(of: event.process, seen: seen) else { return }
        if let wait = waits[event.thread], wait.waitid?.isOfOneChild != true {
            addWait(wait, to: child, until: event.time)
            waits[event.thread] = nil
        }
        reap(child, at: event.time)
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

    private mutating func reap(_ child: Int32, at time: UInt64) {
        guard isZombie(child), var state = processes.remove(child) else { return }
        state.spawn?.borders.reaped = time
        complete(state, isReaped: true)
    }

    private func isZombie(_ process: Int32) -> Bool { processes.read(process) { $0.isZombie } == true }
}
