internal import ByteAccess
package import PerfRecords
package import Session

/// Decodes samples of the lifecycle tracepoints, and of the recorder's own BPF programs, into events of the model.
/// Fields are looked up by name once per event of the session, because their offsets differ between kernels.
package struct LifecycleDecoder {
    private enum Meaning {
        case newTask(child: TracepointFormat.Field.Place, flags: TracepointFormat.Field.Place)
        case creationEntry
        case creationExit(result: TracepointFormat.Field.Place, mayBeThreads: Bool)
        indirect case attemptEntry(AttemptFields)
        case attemptExit(result: TracepointFormat.Field.Place)
        case exec(
            path: TracepointFormat.Field.Place, thread: TracepointFormat.Field.Place?,
            oldThread: TracepointFormat.Field.Place?)
        case exitEntry(code: TracepointFormat.Field.Place, isGroup: Bool)
        case signal(number: TracepointFormat.Field.Place)
        case exit(groupDead: TracepointFormat.Field.Place?)
        case waitEntry(child: TracepointFormat.Field.Place)
        case wait4Exit(result: TracepointFormat.Field.Place)
        case waitidEntry(which: TracepointFormat.Field.Place, options: TracepointFormat.Field.Place)
        case waitidExit(result: TracepointFormat.Field.Place)
        case signalSent(SignalFields)
        case failedExec
        case reaped
        case imageSizes
        case spawnerSize
        case linked
        case ring
        indirect case joined(JoinedDecoder)
    }

    /// One of the events that a sample of the joined recorder stands for.
    package struct Step {
        package var event: LifecycleEvent
        /// The comm of the process in which it happened, where the sample has it.
        package var name: String?
        /// With `.executed`: the file, if it is not the one that was passed.
        package var file: String?
    }

    /// The fields of `signal:signal_generate`.
    private struct SignalFields {
        var number: TracepointFormat.Field.Place
        var code: TracepointFormat.Field.Place
        /// The thread that the signal was sent to.
        var target: TracepointFormat.Field.Place
        var result: TracepointFormat.Field.Place

        init?(_ format: TracepointFormat) {
            guard let number = format.place(of: "sig"), let code = format.place(of: "code"),
                let target = format.place(of: "pid"),
                let result = format.place(of: "result")
            else { return nil }
            (self.number, self.code, self.target, self.result) = (number, code, target, result)
        }
    }

    private let meanings: [Meaning?]
    /// By event: `common_pid`, the id in the initial pid namespace of the thread in which a tracepoint fired.
    private let commonThreads: [TracepointFormat.Field.Place?]
    /// The session has `task_newtask`. Without it FORK records stand in, and the creation method is unknown.
    package let hasCreations: Bool
    package let hasExecs: Bool
    /// What the session records for the model.
    package let evidence: SpawnTracker.Evidence

    /// `tracepoints`: one entry per event of the session, `nil` for events that are not tracepoints. `outputs`: the
    /// program output of each event, `nil` for none; missing entries at the end mean none. `incomplete`: outputs whose
    /// programs did not see every call. `linkProbe`: the event that fires at `__libc_start_main`.
    package init(
        tracepoints: [TracepointFormat?], outputs: [ProgramOutput?] = [], incomplete: Set<ProgramOutput> = [],
        linkProbe: Int? = nil
    ) {
        // A tracepoint may be present twice (once with a filter that the user asked for); only the first is decoded.
        var seen: Set<String> = []
        // Beside the joined recorder, the kernel's own tracepoints are what the user asked for.
        let joinedEvents = Set(tracepoints.compactMap { $0.flatMap { JoinedEvent(qualifiedName: $0.qualifiedName) } })
        meanings = tracepoints.enumerated().map { index, format in
            if outputs.indices.contains(index), let output = outputs[index] {
                return Self.meaning(output)
            }
            if index == linkProbe { return .linked }
            guard let format, seen.insert(format.qualifiedName).inserted else { return nil }
            guard !joinedEvents.isEmpty else { return Self.meaning(format) }
            return JoinedDecoder(format, tellsAttempts: joinedEvents.contains(.attempt)).map(Meaning.joined)
        }
        commonThreads = tracepoints.map { $0?.place(of: "common_pid") }
        var hasCreations = false
        var hasExecs = false
        var evidence = SpawnTracker.Evidence(tellsLastThread: false)
        for case let meaning? in meanings {
            switch meaning {
            case .newTask: hasCreations = true
            case .exec: hasExecs = true
            case .exit(groupDead: .some): evidence.tellsLastThread = true
            case .creationEntry: evidence.tellsCreationEntries = true
            case .attemptEntry: evidence.tellsAttempts = true
            case .attemptExit: evidence.tellsAttemptReturns = true
            case .exitEntry(_, isGroup: true): evidence.tellsExits = true
            case .wait4Exit: evidence.tellsWaits = true
            case .reaped: evidence.tellsReaped = !incomplete.contains(.reaped)
            case .signalSent: (evidence.tellsParents, evidence.tellsInheritors) = (true, true)
            case .joined(let joined):
                if joined.event == .spawn { hasCreations = true }
                if joined.event == .exec { hasExecs = true }
                evidence = joinedEvents.contains(.creationReturn) ? .ofJoinedRecorder : .ofTracedRecorder
            default: break
            }
        }
        if !evidence.stopsProcesses {
            (evidence.hidesAttempts, evidence.hidesWaits) = (!evidence.tellsAttempts, !evidence.tellsWaits)
        }
        self.hasCreations = hasCreations
        self.hasExecs = hasExecs
        self.evidence = evidence
    }

    /// Negative codes of signals that the kernel sends in an interrupt, in whatever task runs just then: SI_TIMER of POSIX timers and
    /// SI_ASYNCIO of USB requests.
    private static let codesOfInterrupts: Set<Int64> = [-2, -4]

    private static func meaning(_ output: ProgramOutput) -> Meaning {
        switch output {
        case .failedExec: .failedExec
        case .reaped: .reaped
        case .imageSizes: .imageSizes
        case .spawnerSize: .spawnerSize
        }
    }

    /// Whether a signal with this code is the kernel's own. SI_USER is 0. Other system calls have negative codes, the
    /// kernel positive ones (siginfo.h), and in the idle task, whose pid is 0, only a timer sends signals.
    static func isKernels(code: Int64, sender: Int32) -> Bool {
        code > 0 || codesOfInterrupts.contains(code) || sender == 0
    }

    private static func meaning(_ format: TracepointFormat) -> Meaning? {
        switch format.qualifiedName {
        case "task:task_newtask":
            guard let child = format.place(of: "pid"), let flags = format.place(of: "clone_flags") else { return nil }
            return .newTask(child: child, flags: flags)
        case "sched:sched_process_exec":
            guard let path = format.place(of: "filename") else { return nil }
            return .exec(path: path, thread: format.place(of: "pid"), oldThread: format.place(of: "old_pid"))
        case "sched:sched_process_exit":
            return .exit(groupDead: format.place(of: "group_dead"))
        case "signal:signal_deliver":
            return format.place(of: "sig").map { .signal(number: $0) }
        case "syscalls:sys_enter_execve", "syscalls:sys_enter_execveat": return .attemptEntry(AttemptFields(format))
        case "syscalls:sys_exit_execve", "syscalls:sys_exit_execveat":
            return format.place(of: "ret").map { .attemptExit(result: $0) }
        case "syscalls:sys_enter_clone", "syscalls:sys_enter_clone3", "syscalls:sys_enter_fork",
            "syscalls:sys_enter_vfork":
            return .creationEntry
        case "sched:sched_process_wait": return format.place(of: "pid").map { .waitEntry(child: $0) }
        case "syscalls:sys_exit_wait4": return format.place(of: "ret").map { .wait4Exit(result: $0) }
        case "syscalls:sys_enter_waitid":
            guard let which = format.place(of: "which"), let options = format.place(of: "options") else { return nil }
            return .waitidEntry(which: which, options: options)
        case "io_uring:io_uring_create": return .ring
        case "syscalls:sys_exit_waitid": return format.place(of: "ret").map { .waitidExit(result: $0) }
        case "signal:signal_generate":
            return SignalFields(format).map { .signalSent($0) }
        case "syscalls:sys_exit_clone", "syscalls:sys_exit_clone3":
            return format.place(of: "ret").map { .creationExit(result: $0, mayBeThreads: true) }
        case "syscalls:sys_exit_fork", "syscalls:sys_exit_vfork":
            return format.place(of: "ret").map { .creationExit(result: $0, mayBeThreads: false) }
        case "syscalls:sys_enter_exit":
            return format.place(of: "error_code").map { .exitEntry(code: $0, isGroup: false) }
        case "syscalls:sys_enter_exit_group":
            return format.place(of: "error_code").map { .exitEntry(code: $0, isGroup: true) }
        default: return nil
        }
    }

    /// AT_EXECVE_CHECK (linux/fcntl.h), Linux 6.14.
    private static let executeCheck: Int64 = 0x10000

    /// Whether the model uses samples of this event; checked before a sample is decoded.
    package func isMeaningful(event: Int) -> Bool {
        meanings.indices.contains(event) && meanings[event] != nil
    }

    /// Whether this event is about another process than the one in which it fires.
    package func isAboutOthers(event: Int) -> Bool {
        guard meanings.indices.contains(event), case .signalSent = meanings[event] else { return false }
        return true
    }

    /// Whether the joined recorder's samples of this event are creations, whose stack is a call site.
    package func isCreation(event: Int) -> Bool {
        guard meanings.indices.contains(event), case .joined(let decoder) = meanings[event] else { return false }
        return decoder.event == .spawn
    }

    /// Whether a sample of this event stands for several events of the model.
    package func isJoined(event: Int) -> Bool {
        guard meanings.indices.contains(event), case .joined = meanings[event] else { return false }
        return true
    }

    /// Appends the events that a sample of the joined recorder stands for, in the order in which they happened.
    package func decodeJoined(_ sample: RawSample, event: Int, in record: borrowing RawSpan, into steps: inout [Step]) {
        guard meanings.indices.contains(event), case .joined(let decoder) = meanings[event], sample.pid > 0 else {
            return
        }
        decoder.decode(sample, in: record, into: &steps)
    }

    /// Whether the recorder ran in a pid namespace of its own. The pids of its records are then those of that
    /// namespace, while the pids in a tracepoint's fields are those of the initial namespace.
    private func isInNamespace(_ sample: RawSample, _ event: Int, _ record: borrowing RawSpan) -> Bool {
        guard commonThreads.indices.contains(event), let field = commonThreads[event],
            let thread = field.integer(in: record, raw: sample.raw)
        else { return false }
        return thread != Int64(sample.tid)
    }

    /// The model's event for a sample. `nil` if a field is missing from the raw bytes, or if the task is outside the
    /// recorder's pid namespace, where its pid is 0 or -1.
    ///
    /// `lastChild` is the child in the newest FORK record of the sample's thread, by its pid in the records.
    package func decode(
        _ sample: RawSample, event: Int, in record: borrowing RawSpan, lastChild: @autoclosure () -> Int32? = nil
    ) -> LifecycleEvent? {
        guard meanings.indices.contains(event), let meaning = meanings[event] else { return nil }
        // A timer's signal may be generated in the idle task, whose pid is 0.
        guard sample.pid > 0 || sample.pid == 0 && isAboutOthers(event: event) else { return nil }
        let raw = sample.raw
        let kind: LifecycleEvent.Kind
        switch meaning {
        case .newTask(let child, let flags):
            guard let pid = child.integer(in: record, raw: raw), let bits = flags.integer(in: record, raw: raw)
            else { return nil }
            let isForeign = isInNamespace(sample, event, record)
            guard let child = isForeign ? lastChild() : Int32(truncatingIfNeeded: pid) else { return nil }
            kind = .created(child: child, cloneFlags: UInt64(bitPattern: bits))
        case .creationEntry: kind = .creationBegan
        case .waitEntry(let child):
            guard let pid = child.integer(in: record, raw: raw) else { return nil }
            kind = .waitBegan(child: isInNamespace(sample, event, record) ? 0 : Int32(truncatingIfNeeded: pid))
        case .wait4Exit(let result):
            guard let value = result.integer(in: record, raw: raw), let child = Int32(exactly: value), child >= 0
            else { return nil }
            kind = .waitReturned(child: child)
        case .waitidEntry(let which, let options):
            guard let kindOfID = which.integer(in: record, raw: raw), let bits = options.integer(in: record, raw: raw)
            else { return nil }
            kind = .waitidBegan(
                WaitidArguments(
                    which: Int32(truncatingIfNeeded: kindOfID), options: UInt32(truncatingIfNeeded: bits)))
        case .waitidExit(let result):
            guard result.integer(in: record, raw: raw) == 0 else { return nil }
            kind = .waitidReturned
        case .signalSent(let fields):
            guard let number = fields.number.integer(in: record, raw: raw),
                let code = fields.code.integer(in: record, raw: raw)
            else { return nil }
            if number == 17 {
                // CLD_EXITED, CLD_KILLED or CLD_DUMPED: a child ended.
                guard 1...3 ~= code else { return nil }
                let target = isInNamespace(sample, event, record) ? nil : fields.target.integer(in: record, raw: raw)
                kind = .parentTold(thread: target.map { Int32(truncatingIfNeeded: $0) })
            } else {
                // TRACE_SIGNAL_DELIVERED is 0: the signal was not ignored, and the target was not already dying.
                guard fields.result.integer(in: record, raw: raw) == 0, !isInNamespace(sample, event, record),
                    let target = fields.target.integer(in: record, raw: raw)
                else { return nil }
                kind = .signalSent(
                    Int32(truncatingIfNeeded: number), toThread: Int32(truncatingIfNeeded: target),
                    isKernels: Self.isKernels(code: code, sender: sample.pid))
            }
        case .creationExit(let result, let mayBeThreads):
            guard let value = result.integer(in: record, raw: raw) else { return nil }
            kind = .creationReturned(result: value, mayBeThreads: mayBeThreads)
        case .attemptEntry(let fields):
            let bits = fields.flags?.integer(in: record, raw: raw) ?? 0
            kind =
                bits & Self.executeCheck == 0
                ? .attemptBegan(path: fields.path(in: record, raw: raw)) : .checkBegan
        case .attemptExit(let result):
            guard let value = result.integer(in: record, raw: raw) else { return nil }
            kind = .attemptEnded(result: value)
        case .exec(let path, let thread, let oldThread):
            guard let text = path.text(in: record, raw: raw) else { return nil }
            var old = oldThread?.integer(in: record, raw: raw) ?? Int64(sample.tid)
            if isInNamespace(sample, event, record) {
                old = thread?.integer(in: record, raw: raw) == old ? Int64(sample.tid) : 0
            }
            kind = .executed(path: record.string(in: text), oldThread: Int32(truncatingIfNeeded: old))
        case .exitEntry(let code, let isGroup):
            guard let value = code.integer(in: record, raw: raw) else { return nil }
            // The status that a parent can see is the low byte (exit(3)).
            kind = .exitRequested(code: Int32(truncatingIfNeeded: value & 0xff), isGroup: isGroup)
        case .signal(let number):
            guard let value = number.integer(in: record, raw: raw) else { return nil }
            kind = .deadlySignal(Int32(truncatingIfNeeded: value))
        case .exit(let groupDead):
            kind = .threadExited(isGroupDead: groupDead.flatMap { $0.integer(in: record, raw: raw) }.map { $0 != 0 })
        case .failedExec:
            guard let failure = ProgramOutput.FailedExec(in: record, raw: raw) else { return nil }
            kind = .attemptFailed(path: failure.path, errno: failure.errno)
        case .linked: kind = .linked
        case .ring: kind = .ringCreated
        case .reaped:
            guard let child = ProgramOutput.reapedChild(in: record, raw: raw) else { return nil }
            kind = .reaped(child: child)
        case .imageSizes:
            guard let sizes = ProgramOutput.ImageSizes(in: record, raw: raw) else { return nil }
            kind = .imageMeasured(sizes)
        case .spawnerSize:
            guard let size = ProgramOutput.SpawnerSize(in: record, raw: raw) else { return nil }
            kind = .spawnerMeasured(size)
        case .joined: return nil
        }
        return LifecycleEvent(
            kind, process: sample.pid, thread: sample.tid, time: sample.time, group: Self.group(sample, kind))
    }

    /// The group of the process that an event makes or executes in; `nil` if it does neither.
    private static func group(_ sample: RawSample, _ kind: LifecycleEvent.Kind) -> UInt64? {
        guard sample.group != 0 else { return nil }
        switch kind {
        case .executed: return sample.group
        // A child is in its creator's, unless that names another.
        case .created(_, let flags): return (flags ?? 0) & CreationMethod.otherGroupFlag == 0 ? sample.group : nil
        default: return nil
        }
    }
}
