internal import ByteAccess
internal import PerfData
package import PerfRecords
package import Session

/// Whose records are the workload's, at the present moment of a replay: those of the lineage that was recorded, and what was done to it by
/// others. All else is foreign: the recorder sees the whole machine, and its session is of the workload.
package struct WorkloadMembers {
    /// Processes and threads of the lineage, ended ones too, since some records come late; until their number is another's.
    private var members: Set<Int32>
    private let recorder: Int32?
    /// By event of the file: the fields that name another thread to which something is done.
    private let objects: [[TracepointFormat.Field.Place]]
    /// By event: where task_newtask has the child, and the thread that made it as the same pid namespace calls it.
    private let creations: [(child: TracepointFormat.Field.Place, maker: TracepointFormat.Field.Place?)?]

    /// `nil` where nothing is foreign: what others recorded, and sessions of the whole machine or of a control group.
    package init?(_ session: Session) {
        guard let metadata = session.metadata else { return nil }
        switch metadata.target?.word {
        case .machine, .cgroup: return nil
        case .processes: members = Set(metadata.roots ?? [])
        case .command, nil: members = []
        }
        if let root = metadata.rootPID { members.insert(root) }
        guard !members.isEmpty else { return nil }
        recorder = metadata.recorderPID
        objects = session.file.events.map { event in
            guard let format = event.tracepoint, let names = Self.fields[format.qualifiedName] else { return [] }
            return names.compactMap { format.place(of: $0) }
        }
        creations = session.file.events.map { event in
            guard let format = event.tracepoint, format.qualifiedName == "task:task_newtask",
                let child = format.place(of: "pid")
            else { return nil }
            return (child, format.place(of: "common_pid"))
        }
    }

    /// Signals that the workload gets, and when its threads have a CPU.
    private static let fields: [String: [String]] = [
        "signal:signal_generate": ["pid"], "sched:sched_switch": ["next_pid", "prev_pid"],
        "sched:sched_wakeup": ["pid"], "sched:sched_wakeup_new": ["pid"], "sched:sched_waking": ["pid"],
        "sched:sched_migrate_task": ["pid"],
    ]

    package enum Standing {
        /// Its own.
        case member
        /// Done to it by somebody else.
        case concerned
        case foreign
    }

    /// Takes in a record that is no sample, and says whose it is.
    package mutating func take(_ decoded: Record.Decoded) -> Standing {
        switch decoded.record {
        case .fork(let task):
            let isMembers = members.contains(task.parentPID) || members.contains(task.parentTID)
            if isMembers {
                members.insert(task.pid)
                members.insert(task.tid)
            } else if !decoded.header.misc.isForkOfExisting {
                // Made by a stranger, or by the recorder, whose first child is the workload's root.
                if task.parentPID != recorder { members.remove(task.tid) }
            }
            return standing(task.pid)
        case .exit(let task): return standing(task.pid)
        case .comm(let comm): return standing(comm.pid)
        case .mmap(let mapping):
            // The kernel's own.
            return mapping.pid == -1 || decoded.header.misc.cpuMode == .kernel ? .member : standing(mapping.pid)
        case .namespaces(let pid, _, _), .itraceStart(let pid, _), .read(let pid, _, _): return standing(pid)
        case .switch: return standing(decoded.identity.pid)
        case .switchCPUWide(let other, let thread):
            if members.contains(decoded.identity.pid) { return .member }
            return members.contains(other) || members.contains(thread) ? .concerned : .foreign
        case .lost, .lostSamples, .throttle, .unthrottle, .ksymbol, .bpfEvent, .cgroup, .textPoke, .aux,
            .auxOutputHardwareID, .callchainDeferred, .sample, .other:
            return .member
        }
    }

    package mutating func standing(
        ofSample record: borrowing RawSpan, event: Int, layout: RecordLayout
    ) -> Standing {
        guard let pid = record.load(Int32.self, at: layout.sampleThreadOffset) else { return .foreign }
        if members.contains(pid) {
            noteCreation(record, event, layout)
            return .member
        }
        guard objects.indices.contains(event), !objects[event].isEmpty,
            let sample = try? RawSample(decoding: record, layout: layout)
        else { return .foreign }
        for place in objects[event] {
            if let other = place.integer(in: record, raw: sample.raw), let thread = Int32(exactly: other), thread > 0,
                members.contains(thread)
            {
                return .concerned
            }
        }
        return .foreign
    }

    /// task_newtask tells of a child whose FORK record was lost.
    private mutating func noteCreation(_ record: borrowing RawSpan, _ event: Int, _ layout: RecordLayout) {
        guard creations.indices.contains(event), let creation = creations[event],
            let sample = try? RawSample(decoding: record, layout: layout),
            let child = creation.child.integer(in: record, raw: sample.raw).flatMap(Int32.init(exactly:))
        else { return }
        // In a pid namespace of the recorder's own the field has another's numbers: there the FORK record tells.
        let maker = creation.maker.map { $0.integer(in: record, raw: sample.raw) }
        if maker == nil || maker == Int64(sample.tid) { members.insert(child) }
    }

    private func standing(_ process: Int32) -> Standing { members.contains(process) ? .member : .foreign }
}
