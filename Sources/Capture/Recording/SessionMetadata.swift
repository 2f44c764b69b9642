import PerfData
import PerfRecords
import Session

/// The session's own JSON object, `"schema": "spawnscope.session/1"`: once as far as it is known at the start, and again,
/// complete, at the end.
struct SessionMetadata {
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
    /// Of the recorder itself, whose events are in the session and are nobody's workload.
    var recorderPID: Int32

    /// The roots of the workload; `nil` where every process is one.
    var rootProcesses: Set<Int32>? {
        switch options.target {
        case .command: Set([rootPID].compactMap { $0 })
        case .processes: Set(roots ?? [])
        case .machine, .cgroup: nil
        }
    }

    /// Bytes that the object takes at the end, about.
    var encodedSize: Int {
        4096 + ids.joined().count * 24 + (roots?.count ?? 0) * 12 + options.keptCommand.joined().count * 6
    }

    func encoded(outcome: RecordingOutcome? = nil) -> [UInt8] {
        JSONValue.object([
            "schema": .string("spawnscope.session/1"),
            "tool_version": .string(options.toolVersion),
            "command": .array(options.keptCommand.map { .string(bytes: $0) }),
            "command_uid": options.user.map { .integer(Int64($0.uid)) },
            "target": .string(target),
            "root_pid": rootPID.map { .integer(Int64($0)) },
            "roots": roots.map { .array($0.map { .integer(Int64($0)) }) },
            "recorder_pid": .integer(Int64(recorderPID)),
            "start_ns": .unsigned(startMonotonic),
            "start_wall_ns": .unsigned(startWall),
            "kernel": .string(machine.release),
            "machine": .string(machine.architecture),
            "exit_event": exitEvent,
            "comparison": options.comparison.map { .object(["side": .string($0.side), "id": .string($0.id)]) },
            "options": recordedOptions,
            "events": .array(plan.events.indices.map { event($0, outcome: outcome) }),
            "missing_events": .array(plan.missing.map { .string($0) }),
            "other_files": outcome.map { .array($0.otherFiles.map { .string(bytes: $0) }) },
            "identified_files": outcome.flatMap {
                $0.identifiedFiles.isEmpty ? nil : .array($0.identifiedFiles.map(\.json))
            },
            "namespaces": outcome.flatMap {
                $0.namespaceChanges.json(limit: $0.isCut || options.maximumSize != nil ? 16 : NamespaceChanges.most)
            },
            "end": outcome.map(end),
        ]).encoded()
    }

    /// The kernel change that gave `sched_process_exit` its `group_dead` (6.16) also moved it before the tear-down of the
    /// memory: times up to it compare only where this is equal.
    private var exitEvent: JSONValue? {
        let exit = plan.events.first { $0.tracepoint == TracepointName("sched", "sched_process_exit") }
        return exit?.description.map {
            .string($0.format.field("group_dead") != nil ? "before-teardown" : "after-teardown")
        }
    }

    private var target: String {
        switch options.target {
        case .command: "command"
        case .processes: "processes"
        case .machine: "machine"
        case .cgroup: "cgroup"
        }
    }

    private var cgroup: JSONValue? {
        guard case .cgroup(let path) = options.target else { return nil }
        return .string(path)
    }

    private var recordedOptions: JSONValue {
        .object([
            "ring_size": .integer(Int64(options.leastRingSize)),
            "stack_size": .integer(Int64(StackDump(options).size)),
            "sample_frequency": options.sampleFrequency.map { .unsigned($0) },
            "tracepoints": .array(options.tracepoints.map { .string($0) }),
            "filter": options.filter.map { .string($0) },
            "callchains": .bool(options.callchains),
            "probes": options.probes.isEmpty
                ? nil : .array(options.probes.map { .string("\($0.path):\($0.function)") }),
            "link": options.probesLink ? .bool(true) : nil,
            "no_syscalls": .bool(options.leavesOutSystemCalls),
            "cgroup": cgroup,
            "duration_ns": options.duration.map { .unsigned($0) },
            "wait_for_all": options.waitsForAll ? .bool(true) : nil,
            "max_size": options.maximumSize.map { .unsigned($0) },
        ])
    }

    private func event(_ index: Int, outcome: RecordingOutcome?) -> JSONValue {
        let event = plan.events[index]
        let count = outcome.flatMap { $0.events.indices.contains(index) ? $0.events[index] : nil }
        return .object([
            "name": .string(event.name),
            "ids": .array((ids.indices.contains(index) ? ids[index] : []).map { .unsigned($0) }),
            "asked": .bool(event.isAsked),
            "filter": event.filter.map { .string($0) },
            "occurrences": count?.occurrences.map { .unsigned($0) },
            "lost": count?.lost.map { .unsigned($0) },
        ])
    }

    private func end(_ outcome: RecordingOutcome) -> JSONValue {
        var status: JSONValue?
        var signal: JSONValue?
        switch outcome.commandEnd {
        case .exited(let code): status = .integer(Int64(code))
        case .killed(let number): signal = .integer(Int64(number))
        case nil: break
        }
        var by: JSONValue?
        if case .interrupted(let number) = outcome.endReason { by = .integer(Int64(number)) }
        return .object([
            "reason": .string(outcome.endReason.name),
            "interrupted_by_signal": by,
            "cut": outcome.isCut ? .bool(true) : nil,
            "duration_ns": .unsigned(outcome.duration),
            "status": status,
            "signal": signal,
            "lost": .unsigned(outcome.lost),
            "notes": .array(outcome.notes.map { .string($0) }),
        ])
    }
}

extension RecordingOutcome.EndReason {
    /// As sessions have it.
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
