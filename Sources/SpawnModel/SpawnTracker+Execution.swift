internal import PerfRecords
internal import Session

extension SpawnTracker {
    /// execve or execveat returned.
    mutating func endAttempt(_ event: LifecycleEvent, _ result: Int64) {
        guard checks.remove(event.thread) == nil, toldFailures.remove(event.thread) == nil else { return }
        guard result != 0 else {
            let began = processes.update(event.process) { $0.endAttempt(event.thread) } ?? nil
            succeed(event, began: began)
            return
        }
        endFailure(event, result, path: nil)
    }

    /// The recorder's BPF program reports a failure just before the call returns.
    mutating func failAttempt(_ event: LifecycleEvent, _ path: String?, _ errno: Int32) {
        guard !checks.contains(event.thread) else { return }
        toldFailures.insert(event.thread)
        endFailure(event, 0 &- Int64(errno), path: path)
    }

    private mutating func endFailure(_ event: LifecycleEvent, _ result: Int64, path: String?) {
        let isRestart = Restart.isOne(result)
        let copiedPath = attemptPaths.removeValue(forKey: event.thread)
        processes.update(event.process) { state in
            // A call that a seccomp filter denies has no entry event.
            let wasEntered = state.endAttempt(event.thread) != nil
            if isRestart {
                if wasEntered { state.takeBackAttempt() }
            } else {
                if !wasEntered { state.addDeniedAttempt() }
                if state.stage == .searching { state.spawn?.borders.lastFailure = event.time }
            }
        }
        guard !isRestart else { return }
        let errno = result < 0 ? Int32(truncatingIfNeeded: 0 &- result) : nil
        fail(event.process, attempts: 1, FailureTable.Failure(path: path ?? copiedPath, errno: errno))
    }

    /// A successful attempt returned. `sched_process_exec` came before, unless it was lost.
    private mutating func succeed(_ event: LifecycleEvent, began: UInt64?) {
        if began != nil { countExec(event.process, path: nil, began: began) }
        processes.update(event.process) { $0.returnFromExec(at: event.time) }
    }

    /// `sched_process_exec`.
    mutating func execute(_ event: LifecycleEvent, _ path: String, _ oldThread: Int32) {
        let attempts = processes.update(event.process) { state in
            let began = oldThread == 0 ? state.endOnlyAttempt() : state.endAttempt(oldThread)
            if let group = event.group { state.enter(group) }
            // The other threads are gone, and their attempts with them.
            return (began: began, others: state.dropPendingAttempts())
        }
        attemptPaths[oldThread == 0 ? event.thread : oldThread] = nil
        guard let attempts else { return }
        fail(event.process, attempts: attempts.others)
        // 0 means a thread other than the leader, with an unknown id.
        noteExec(event.process, hasEntry: attempts.began != nil || oldThread == 0)
        countExec(event.process, path: path, began: attempts.began)
    }

    private mutating func countExec(_ process: Int32, path: String?, began: UInt64?) {
        let isCounted = processes.update(process) { state in
            state.goOnAfterExec()
            let sizes = state.imageSizes
            state.imageSizes = nil
            let image = ProgramImage(path: path, file: state.mappedFile)
            state.mappedFile = nil
            if state.program == nil, image != ProgramImage(path: nil) { state.program = image.name }
            guard !state.isStarting else {
                state.isStarting = false
                return false
            }
            state.spawn?.execs += 1
            if state.spawn?.execs == 1 {
                state.spawn?.argumentBytes = sizes?.arguments
                state.spawn?.environmentBytes = sizes?.environment
            }
            if (state.spawn?.execs ?? 0) > 1, (state.spawn?.laterImages.count ?? 0) < Spawn.mostLaterImages {
                state.spawn?.laterImages.append(image)
            }
            state.execute(image, began: began)
            return true
        }
        if isCounted == true { totals.execs += 1 }
    }

    /// A process that has just executed a program maps that program's code.
    package mutating func noteMapped(_ file: String, by process: Int32) {
        processes.update(process) { $0.mappedFile = file }
    }

    /// The process entered `__libc_start_main`. Only the program of its first exec counts.
    mutating func link(_ event: LifecycleEvent) {
        processes.update(event.process) { state in
            guard state.stage == .running, state.spawn?.execs == 1, state.spawn?.borders.linked == nil else { return }
            state.spawn?.borders.linked = event.time
        }
    }

    /// Removes and returns the exec attempts that were shown to have failed since the last call.
    package mutating func takeFailures() -> [FailedAttempts] {
        guard !newFailures.isEmpty else { return [] }
        defer { newFailures.removeAll(keepingCapacity: true) }
        return newFailures
    }

    mutating func fail(_ process: Int32, attempts: Int, _ failure: FailureTable.Failure = .init()) {
        guard attempts > 0, processes.read(process, { $0.isStarting }) == false else { return }
        totals.failedAttempts += attempts
        failures.add(failure, attempts)
        newFailures.append(FailedAttempts(process: process, failure: failure, count: attempts))
        processes.update(process) { $0.spawn?.failedAttempts += attempts }
    }
}
