import PerfData
import PerfRecords

/// The session's own JSON object, `"schema": "spawnscope.session/1"`: once as far as it is known at the start, and again,
/// complete, at the end.
struct SessionMetadata {
    var options: RecordingOptions
    var plan: EventPlan
    var ids: [[UInt64]]
    var machine: Machine
    var rootPID: Int32
    var startMonotonic: UInt64
    var startWall: UInt64
    /// Of the recorder itself, whose events are in the session and are nobody's workload.
    var recorderPID: Int32

    func encoded(outcome: RecordingOutcome? = nil) -> [UInt8] {
        JSONValue.object([
            "schema": .string("spawnscope.session/1"),
            "tool_version": .string(options.toolVersion),
            "command": .array(options.command.map { .string(bytes: $0) }),
            "root_pid": .integer(Int64(rootPID)),
            "recorder_pid": .integer(Int64(recorderPID)),
            "start_ns": .unsigned(startMonotonic),
            "start_wall_ns": .unsigned(startWall),
            "kernel": .string(machine.release),
            "machine": .string(machine.architecture),
            "exit_event": exitEvent,
            "options": recordedOptions,
            "events": .array(plan.events.indices.map { event($0, outcome: outcome) }),
            "missing_events": .array(plan.missing.map { .string($0) }),
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

    private var recordedOptions: JSONValue {
        .object([
            "ring_size": .integer(Int64(options.ringSize)),
            "sample_frequency": options.sampleFrequency.map { .unsigned($0) },
            "tracepoints": .array(options.tracepoints.map { .string($0) }),
            "filter": options.filter.map { .string($0) },
            "callchains": .bool(options.callchains),
            "no_syscalls": .bool(options.leavesOutSystemCalls),
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
            "lost": count.map { .unsigned($0.lost) },
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
        var reason = "command-ended"
        var by: JSONValue?
        if case .interrupted(let number) = outcome.endReason {
            reason = "interrupted"
            by = .integer(Int64(number))
        }
        return .object([
            "reason": .string(reason),
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
