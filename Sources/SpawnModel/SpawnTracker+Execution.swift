internal import PerfRecords

extension SpawnTracker {
    /// execve or execveat returned.
    mutating func endAttempt(_ event: LifecycleEvent, _ result: Int64, path: String? = nil) {
        let began = processes[event.process]?.endAttempt(event.thread)
        guard result < 0 else {
            succeed(event, began: began)
            return
        }
        guard began != nil else { return }
        if processes[event.process]?.stage == .searching {
            processes[event.process]?.spawn?.borders.lastFailure = event.time
        }
        let errno = Int32(truncatingIfNeeded: 0 &- result)
        fail(event.process, attempts: 1, FailureTable.Failure(path: path, errno: errno))
    }

    /// The return of a successful attempt, which `sched_process_exec` has told of unless that was lost.
    private mutating func succeed(_ event: LifecycleEvent, began: UInt64?) {
        if began != nil { countExec(event.process, path: nil, began: began) }
        processes[event.process]?.returnFromExec(at: event.time)
    }

    /// `sched_process_exec`.
    mutating func execute(_ event: LifecycleEvent, _ path: String, _ oldThread: Int32) {
        let began =
            oldThread == 0
            ? processes[event.process]?.endOnlyAttempt() : processes[event.process]?.endAttempt(oldThread)
        // The other threads are gone, their attempts with them.
        fail(event.process, attempts: processes[event.process]?.dropPendingAttempts() ?? 0)
        countExec(event.process, path: path, began: began)
    }

    private mutating func countExec(_ process: Int32, path: String?, began: UInt64?) {
        guard var state = processes[process] else { return }
        state.goOnAfterExec()
        let sizes = state.imageSizes
        state.imageSizes = nil
        if state.path == nil { state.path = path }
        if state.isStarting {
            state.isStarting = false
        } else {
            totals.execs += 1
            state.spawn?.execs += 1
            if state.spawn?.execs == 1 {
                state.spawn?.argumentBytes = sizes?.arguments
                state.spawn?.environmentBytes = sizes?.environment
            }
            state.execute(path, began: began)
        }
        processes[process] = state
    }

    /// The program proper begins: of its first exec's image only.
    mutating func link(_ event: LifecycleEvent) {
        guard let state = processes[event.process], state.stage == .running, let spawn = state.spawn, spawn.execs == 1,
            spawn.borders.linked == nil
        else { return }
        processes[event.process]?.spawn?.borders.linked = event.time
    }

    mutating func fail(_ process: Int32, attempts: Int, _ failure: FailureTable.Failure = .init()) {
        guard attempts > 0, processes[process]?.isStarting == false else { return }
        totals.failedAttempts += attempts
        failures.add(failure, attempts)
        processes[process]?.spawn?.failedAttempts += attempts
    }
}
