import PerfData
import PerfRecords
import Session

/// What is known of a session when its recording starts. Its metadata (`SessionMetadata`) is made from this, once at
/// the start and again, complete, at the end.
struct StartedSession {
    let id: SessionID
    let recorder: SessionMetadata.RecorderKind
    var options: RecordingOptions
    var plan: EventPlan
    var ids: [[UInt64]]
    var machine: Machine
    /// The command's process.
    var rootPID: Int32?
    /// With -p: the processes that ran already.
    var roots: [Int32]?
    var startMonotonic: UInt64
    var startWall: UInt64
    /// The recorder's own process, whose events are in the session but belong to no workload.
    var recorderPID: Int32

    /// The workload's root processes; `nil` if every process is one.
    var rootProcesses: Set<Int32>? {
        switch options.target {
        case .command: Set([rootPID].compactMap { $0 })
        case .processes: Set(roots ?? [])
        case .machine, .cgroup: nil
        }
    }

    /// The approximate size of the final metadata in bytes.
    var encodedSize: Int {
        4096 + ids.joined().count * 24 + (roots?.count ?? 0) * 12 + options.keptCommand.joined().count * 6
    }

    /// The session's metadata: what is known at the start, or, with an outcome, all of it.
    func metadata(_ outcome: RecordingOutcome? = nil) -> SessionMetadata {
        var metadata = SessionMetadata()
        metadata.id = id
        metadata.host = machine.hostName
        metadata.recorder = Lenient(recorder)
        metadata.toolVersion = options.toolVersion
        metadata.command = options.keptCommand.map { String(decoding: $0, as: UTF8.self) }
        metadata.commandUser = options.user?.uid
        metadata.target = Lenient(options.target.kind)
        metadata.rootPID = rootPID
        metadata.roots = roots
        metadata.recorderPID = recorderPID
        metadata.start = startMonotonic
        metadata.startWall = startWall
        metadata.kernel = machine.release
        metadata.machine = machine.architecture
        metadata.exitEvent = exitEvent
        metadata.comparison = options.comparison.map { .init(side: $0.side, id: $0.id) }
        metadata.options = recordedOptions
        metadata.events = plan.events.indices.map { event($0, outcome: outcome) }
        metadata.missingEvents = plan.missing
        guard let outcome else { return metadata }
        metadata.otherFiles = outcome.otherFiles.map { String(decoding: $0, as: UTF8.self) }
        metadata.identifiedFiles = outcome.identifiedFiles.isEmpty ? nil : outcome.identifiedFiles
        let changes = outcome.namespaceChanges.all
        // With little room, no more than was reserved.
        let isTight = outcome.isCut || options.maximumSize != nil
        metadata.namespaces = changes.isEmpty ? nil : Array(changes.prefix(isTight ? 16 : NamespaceChanges.most))
        metadata.end = SessionMetadata.End(outcome)
        return metadata
    }

    /// The kernel change that gave `sched_process_exit` its `group_dead` (6.16) also moved it before the tear-down of
    /// the memory: times up to this event compare only between sessions with the same value.
    private var exitEvent: String? {
        let exit = plan.events.first { $0.tracepoint == TracepointName("sched", "sched_process_exit") }
        return exit?.description.map { $0.format.field("group_dead") != nil ? "before-teardown" : "after-teardown" }
    }

    private var recordedOptions: SessionMetadata.Options {
        var recorded = SessionMetadata.Options()
        recorded.ringSize = options.leastRingSize
        recorded.stackSize = Int(StackDump(options).size)
        recorded.sampleFrequency = options.sampleFrequency
        recorded.tracepoints = options.tracepoints
        recorded.filter = options.filter
        recorded.callchains = options.callchains
        recorded.probes = options.probes.isEmpty ? nil : options.probes.map { "\($0.path):\($0.function)" }
        recorded.probesLink = options.probesLink ? true : nil
        recorded.leavesOutSystemCalls = options.leavesOutSystemCalls
        if case .cgroup(let path) = options.target { recorded.cgroup = path }
        recorded.duration = options.duration
        recorded.waitsForAll = options.waitsForAll ? true : nil
        recorded.maximumSize = options.maximumSize
        return recorded
    }

    private func event(_ index: Int, outcome: RecordingOutcome?) -> SessionMetadata.Event {
        let event = plan.events[index]
        let count = outcome.flatMap { $0.events.indices.contains(index) ? $0.events[index] : nil }
        var noted = SessionMetadata.Event(name: event.name, ids: ids.indices.contains(index) ? ids[index] : [])
        noted.isAsked = event.isAsked
        noted.filter = event.filter
        noted.occurrences = count?.occurrences
        noted.lost = count?.lost
        noted.missed = count?.missed
        return noted
    }
}

extension SessionMetadata.End {
    fileprivate init(_ outcome: RecordingOutcome) {
        self.init()
        reason = outcome.endReason.name
        if case .interrupted(let signal) = outcome.endReason { signalOfInterruption = signal }
        isCut = outcome.isCut ? true : nil
        duration = outcome.duration
        switch outcome.commandEnd {
        case .exited(let code): status = code
        case .killed(let number): signal = number
        case nil: break
        }
        lost = outcome.lost
        notes = outcome.notes
    }
}

extension RecordingTarget {
    fileprivate var kind: SessionMetadata.Target {
        switch self {
        case .command: .command
        case .processes: .processes
        case .machine: .machine
        case .cgroup: .cgroup
        }
    }
}

extension RecordingOutcome.EndReason {
    /// The name in a session's metadata.
    var name: String {
        switch self {
        case .commandEnded: "command-ended"
        case .lastEnded: "last-ended"
        case .durationOver: "duration"
        case .maximumSize: "max-size"
        case .sessionFailed: "session-failed"
        case .interrupted: "interrupted"
        }
    }
}
