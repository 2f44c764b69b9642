internal import PerfData
internal import PerfRecords
internal import Session
internal import Symbolication

/// The pids and root directories of processes, where they differ from what the recorder sees because of pid and mount
/// namespaces. JIT compilers name their code in a file with the process's own pid in its name, below its own root.
///
/// A creating call returns the child's pid in the pid namespace of its creator. That is also the child's own, unless
/// the child is the first of a new namespace: the call's flags show that, or the session notes it for the creator
/// (`SessionMetadata.namespaceChanges`).
struct ProcessNamespaces {
    private enum Meaning {
        case created(flags: TracepointFormat.Field.Place)
        case returned(result: TracepointFormat.Field.Place)
    }

    private struct State {
        var recorded = RecordedProcess()
        var makesInit = false
    }

    private let symbolizer: Symbolizer
    private let meanings: [Meaning?]
    private var changes: ArraySlice<SessionMetadata.NamespaceChange>
    /// Processes that differ from what the recorder sees, or whose next child is the first of a pid namespace.
    private var states: [Int32: State] = [:]
    /// The child, by the thread that is inside the creating call.
    private var children: [Int32: Int32] = [:]
    /// The pids that creating calls return, in sessions with namespace changes: a call may return long after the child
    /// has compiled code.
    private var numbers: [Creation: Int32] = [:]

    private struct Creation: Hashable {
        var child: Int32
        var time: UInt64
    }

    /// `nil` if no name can depend on it.
    init?(_ session: Session, _ symbolizer: Symbolizer) {
        let file = session.file
        guard symbolizer.style == .best, !file.isPacked else { return nil }
        self.symbolizer = symbolizer
        meanings = file.events.map { event in
            guard let format = event.tracepoint else { return nil }
            switch format.qualifiedName {
            case "task:task_newtask": return format.place(of: "clone_flags").map { .created(flags: $0) }
            case "syscalls:sys_exit_clone", "syscalls:sys_exit_clone3", "syscalls:sys_exit_fork",
                "syscalls:sys_exit_vfork":
                return format.place(of: "ret").map { .returned(result: $0) }
            case JoinedEvent.spawn.qualifiedName: return format.place(of: "flags").map { .created(flags: $0) }
            case JoinedEvent.creationReturn.qualifiedName:
                return format.place(of: "result").map { .returned(result: $0) }
            default: return nil
            }
        }
        changes = (session.metadata?.namespaceChanges ?? [])[...]
        if !changes.isEmpty { learn(file) }
    }

    private mutating func learn(_ file: PerfDataFile) {
        let layouts = file.events.map { EventShape($0).layout }
        var creations: [Int32: Creation] = [:]
        file.forEachRecordAgain { record, position in
            let layout = layouts[position.event]
            if position.header.type == .fork {
                guard case .fork(let task) = (try? Record.decode(record, layout: layout))?.record,
                    task.pid != task.parentPID
                else { return }
                creations[task.parentTID] = Creation(child: task.pid, time: task.time)
            } else if position.header.type == .sample, let meaning = meanings[position.event],
                let (thread, seen) = Self.returned(meaning, record, layout),
                let creation = creations.removeValue(forKey: thread), seen != creation.child
            {
                numbers[creation] = seen
            }
        }
    }

    /// The thread that returned from a creating call, and the child's pid as the call returned it.
    private static func returned(_ meaning: Meaning, _ record: borrowing RawSpan, _ layout: RecordLayout) -> (
        thread: Int32, seen: Int32
    )? {
        guard case .returned(let result) = meaning, let sample = try? RawSample(decoding: record, layout: layout),
            let value = result.integer(in: record, raw: sample.raw), let seen = Int32(exactly: value), seen > 0
        else { return nil }
        return (sample.tid, seen)
    }

    /// `nil` for a process whose pid and root are those that the recorder sees.
    subscript(process: Int32) -> RecordedProcess? { states[process]?.recorded }

    /// A FORK record of a process, not of a thread.
    mutating func fork(_ task: Record.Task) {
        advance(to: task.time)
        children[task.parentTID] = task.pid
        var state = State()
        state.recorded.innermostNumber = numbers[Creation(child: task.pid, time: task.time)]
        if let parent = states[task.parentPID] {
            state.recorded.root = parent.recorded.root
            if parent.makesInit { state.recorded.innermostNumber = 1 }
        }
        set(state, for: task.pid)
    }

    mutating func exit(thread: Int32) { children[thread] = nil }

    /// Called for every sample; most are of no interest here.
    mutating func take(_ record: borrowing RawSpan, event: Int, layout: RecordLayout) {
        if !changes.isEmpty, let sample = try? RawSample(decoding: record, layout: layout) { advance(to: sample.time) }
        guard meanings.indices.contains(event), let meaning = meanings[event] else { return }
        switch meaning {
        case .created(let flags):
            guard let sample = try? RawSample(decoding: record, layout: layout), let child = children[sample.tid],
                let bits = flags.integer(in: record, raw: sample.raw), bits & Self.newPIDNamespace != 0
            else { return }
            number(child, 1)
        case .returned:
            guard let (thread, seen) = Self.returned(meaning, record, layout),
                let child = children.removeValue(forKey: thread), seen != child,
                states[child]?.recorded.innermostNumber == nil
            else { return }
            number(child, seen)
        }
    }

    /// CLONE_NEWPID (linux/sched.h).
    private static let newPIDNamespace: Int64 = 0x2000_0000

    private mutating func advance(to time: UInt64) {
        while let change = changes.first, change.time <= time {
            changes.removeFirst()
            var state = states[change.process] ?? State()
            state.recorded.root = change.root
            state.makesInit = change.makesInit == true
            if let number = change.number { state.recorded.innermostNumber = number }
            set(state, for: change.process)
        }
    }

    private mutating func number(_ process: Int32, _ number: Int32) {
        var state = states[process] ?? State()
        state.recorded.innermostNumber = number
        set(state, for: process)
    }

    private mutating func set(_ state: State, for process: Int32) {
        let isUsual = state.recorded == RecordedProcess()
        if isUsual, !state.makesInit, states.isEmpty { return }
        states[process] = isUsual && !state.makesInit ? nil : state
        symbolizer.note(process, isUsual ? nil : state.recorded)
    }
}
