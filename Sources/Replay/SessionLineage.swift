internal import ByteAccess
package import PerfData
package import PerfRecords
package import Session
package import SpawnModel

/// Feeds a session's records to the spawn tracker: it knows which process is the root, what each tracepoint means, and
/// where FORK, EXIT and COMM records stand in for a tracepoint that the recording lacks.
package struct SessionLineage {
    package private(set) var tracker: SpawnTracker
    package let decoder: LifecycleDecoder
    /// The names of the session's lifecycle events that can be decoded, because their formats are known.
    package let decodedEvents: [String]
    /// By spawning thread: the child of its newest FORK record, which comes right before the tracepoint.
    private var lastChildren: [Int32: Int32] = [:]
    /// Without a tracepoint of execs: by process, one that a COMM record told and whose file is mapped next.
    private var executions: [Int32: Execution] = [:]
    package let tellsMappings: Bool
    /// The session has FORK and EXIT records, if there was anything to tell.
    package let tellsTasks: Bool
    private var executedFiles = ExecutedFiles()

    private struct Execution {
        var event: LifecycleEvent
        var comm: String
    }

    /// What the last sample of the joined recorder stood for; kept for its room.
    private var steps: [LifecycleDecoder.Step] = []

    package init(_ session: Session) {
        decoder = LifecycleDecoder(
            tracepoints: session.file.events.map(\.tracepoint),
            outputs: session.file.events.map { ProgramOutput(name: $0.name, attributes: $0.attributes) },
            incomplete: session.metadata?.incompleteOutputs ?? [],
            linkProbe: session.file.events.firstIndex { $0.name == LifecycleProbe.linked && $0.tracepoint == nil })
        tellsMappings = session.file.events.contains { !$0.attributes.flags.isDisjoint(with: [.mmap, .mmap2]) }
        tellsTasks = session.file.events.contains { $0.attributes.flags.contains(.task) }
        var evidence = decoder.evidence
        evidence.leaderDecidesCode = session.file.description.osRelease.map(Self.isBefore517) ?? false
        decodedEvents = session.file.events.enumerated().compactMap { [decoder] index, event in
            decoder.isMeaningful(event: index) ? event.tracepoint?.qualifiedName ?? event.name : nil
        }
        let roots: SpawnTracker.Roots
        switch session.metadata?.target?.word {
        case .processes: roots = .processes(Set(session.metadata?.roots ?? []))
        case .machine, .cgroup: roots = .everything
        case .command, nil: roots = session.metadata?.rootPID.map(SpawnTracker.Roots.command) ?? .everything
        }
        tracker = SpawnTracker(
            roots: roots, starting: session.metadata?.rootPID, excluding: session.metadata?.recorderPID,
            evidence: evidence)
    }

    /// Whether a uname(2) release is of a kernel before 5.17.
    private static func isBefore517(_ release: String) -> Bool {
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) < (5, 17)
    }

    package mutating func apply(_ change: RecordReplay.TaskChange, names: ThreadNames) {
        switch change {
        case .none: break
        case .lost: tracker.eventsWereLost()
        case .forked(let task):
            let kind: LifecycleEvent.Kind
            if task.pid == task.parentPID {
                kind = .threadCreated(task.tid)
            } else if decoder.hasCreations {
                if tracker.follows(task.parentPID) { lastChildren[task.parentTID] = task.pid }
                return
            } else {
                kind = .created(child: task.pid, cloneFlags: nil)
            }
            settle(task.parentPID)
            tracker.handle(
                LifecycleEvent(kind, process: task.parentPID, thread: task.parentTID, time: task.time),
                name: names[task.parentPID] ?? "")
        case .executed(let comm, let time):
            guard !decoder.hasExecs else { return }
            settle(comm.pid)
            let name = names[comm.tid] ?? ""
            let event = LifecycleEvent(
                .executed(path: name, oldThread: comm.tid), process: comm.pid, thread: comm.tid, time: time)
            guard tellsMappings, tracker.follows(comm.pid) else { return tracker.handle(event) }
            executions[comm.pid] = Execution(event: event, comm: name)
        case .exited(let task):
            // Before it has mapped anything a process is not at its end, but has lost its events (begin_new_exec in
            // fs/exec.c): the program has other rights, or may not be read.
            let hasOtherRights = executions[task.pid] != nil
            settle(task.pid)
            guard !hasOtherRights else { return tracker.hide(task.pid) }
            tracker.handle(LifecycleEvent(.threadEnded, process: task.pid, thread: task.tid, time: task.time))
        }
    }

    /// The model's event for a sample; `nil` for other events and for processes outside the workload.
    package func decode(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position, _ layout: RecordLayout
    ) throws(RecordError) -> LifecycleEvent? {
        guard decoder.isMeaningful(event: position.event) else { return nil }
        // Most records of a busy machine are of other processes, which a single load shows.
        if let pid = record.load(Int32.self, at: layout.sampleThreadOffset), !tracker.follows(pid),
            !decoder.isAboutOthers(event: position.event)
        {
            return nil
        }
        let sample = try RawSample(decoding: record, layout: layout)
        return decoder.decode(sample, event: position.event, in: record, lastChild: lastChildren[sample.tid])
    }

    package mutating func handle(_ event: LifecycleEvent, callSite: UInt32? = nil, names: ThreadNames) {
        var name = ""
        switch event.kind {
        case .created:
            name = names[event.process] ?? ":\(event.process)"
            lastChildren[event.thread] = nil
        case .signalSent(_, _, isKernels: false): name = names[event.process] ?? ":\(event.process)"
        default: break
        }
        tracker.handle(event, callSite: callSite, name: name)
    }

    /// Whether samples of this event are for `takeJoined`.
    package func isJoined(event: Int) -> Bool { decoder.isJoined(event: event) }

    /// Handles all that a sample of the joined recorder stands for, and returns the last of it; `nil` if it stands for
    /// nothing. `callSite` is used if it is a creation.
    package mutating func takeJoined(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position, _ layout: RecordLayout,
        callSite: UInt32? = nil
    ) throws(RecordError) -> LifecycleEvent? {
        let sample = try RawSample(decoding: record, layout: layout)
        steps.removeAll(keepingCapacity: true)
        decoder.decodeJoined(sample, event: position.event, in: record, into: &steps)
        for step in steps {
            if let file = step.file { tracker.noteMapped(file, by: step.event.process) }
            tracker.handle(step.event, callSite: callSite, name: step.name ?? "")
        }
        return steps.last?.event
    }

    /// Takes from a record which file a process executes; to be called after `apply` for each that is not a sample.
    /// Without `sched_process_exec` an exec is known only from its COMM record, which comes before the mapping.
    package mutating func takeMapping(_ decoded: Record.Decoded, _ header: RecordHeader, of record: borrowing RawSpan) {
        guard let (process, file) = executedFiles.take(decoded, header, of: record) else { return }
        guard !decoder.hasExecs else { return tracker.noteMapped(file, by: process) }
        settle(process, file: file)
    }

    /// Handles an exec that was told without its file. The file's path stands for what was passed if the process is called
    /// by its name; that of a script is called by the script's.
    private mutating func settle(_ process: Int32, file: String? = nil) {
        guard var execution = executions.removeValue(forKey: process) else { return }
        if let file {
            tracker.noteMapped(file, by: process)
            let name = file.split(separator: "/").last ?? ""
            let isCalledSo = name.utf8.prefix(15).elementsEqual(execution.comm.utf8)
            if isCalledSo, case .executed(_, let thread) = execution.event.kind {
                execution.event.kind = .executed(path: file, oldThread: thread)
            }
        }
        tracker.handle(execution.event)
    }

    /// Removes and returns the exec attempts that were shown to have failed since the last call.
    package mutating func takeFailures() -> [FailedAttempts] { tracker.takeFailures() }

    package mutating func finish() {
        for process in executions.keys.sorted() { settle(process) }
        tracker.finish()
    }
    package mutating func takeEnded() -> [Spawn] { tracker.takeEnded() }
}
