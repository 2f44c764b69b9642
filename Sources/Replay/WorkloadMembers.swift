internal import ByteAccess
internal import PerfData
package import PerfRecords
package import Session

/// Decides which records belong to the workload at the current point of a replay: those of the recorded lineage, and
/// those of what others did to it. All others are foreign: the recorder sees the whole machine, but its session is
/// about the workload.
package struct WorkloadMembers {
    /// Processes and threads of the lineage. Ended ones stay, as some records come late, until their id is reused.
    private var members: Set<Int32>
    /// The member that was met last: records come in runs of one process.
    private var recent: Int32?
    private let recorder: Int32?
    /// By event of the file: its samples are of the workload alone, as those of the joined recorder are.
    private let areMembers: [Bool]
    /// By event of the file: the fields with another thread to which something is done.
    private let objects: [[TracepointFormat.Field.Place]]
    /// By event: the fields of task_newtask with the child, and with its creator as seen from the same pid namespace.
    private let creations: [(child: TracepointFormat.Field.Place, maker: TracepointFormat.Field.Place?)?]

    /// `nil` if nothing is foreign: in others' recordings, and in sessions of the whole machine or of a control group.
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
        areMembers = session.file.events.map { event in
            event.tracepoint.flatMap { JoinedEvent(qualifiedName: $0.qualifiedName) } != nil
        }
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

    /// Events about signals to the workload, and about when its threads get a CPU.
    private static let fields: [String: [String]] = [
        "signal:signal_generate": ["pid"], "sched:sched_switch": ["next_pid", "prev_pid"],
        "sched:sched_wakeup": ["pid"], "sched:sched_wakeup_new": ["pid"], "sched:sched_waking": ["pid"],
        "sched:sched_migrate_task": ["pid"],
    ]

    package enum Standing {
        /// A record of the workload itself.
        case member
        /// Something that a stranger did to the workload.
        case concerned
        case foreign
    }

    /// Handles a record that is not a sample, and returns whose it is.
    package mutating func take(_ decoded: Record.Decoded) -> Standing {
        switch decoded.record {
        case .fork(let task):
            let isMembers = members.contains(task.parentPID) || members.contains(task.parentTID)
            if isMembers {
                members.insert(task.pid)
                members.insert(task.tid)
            } else if !decoded.header.misc.isForkOfExisting {
                // Created by a stranger, or by the recorder, whose first child is the workload's root.
                if task.parentPID != recorder {
                    members.remove(task.tid)
                    recent = nil
                }
            }
            return standing(task.pid)
        case .exit(let task): return standing(task.pid)
        case .comm(let comm): return standing(comm.pid)
        case .mmap(let mapping):
            // The kernel's own mapping.
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
        if isMember(pid) {
            noteCreation(record, event, layout)
            return .member
        }
        if areMembers.indices.contains(event), areMembers[event] {
            // Its creation was lost.
            members.insert(pid)
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

    /// task_newtask shows a child even if its FORK record was lost.
    private mutating func noteCreation(_ record: borrowing RawSpan, _ event: Int, _ layout: RecordLayout) {
        guard creations.indices.contains(event), let creation = creations[event],
            let sample = try? RawSample(decoding: record, layout: layout),
            let child = creation.child.integer(in: record, raw: sample.raw).flatMap(Int32.init(exactly:))
        else { return }
        // If the recorder has its own pid namespace, the field is of another one; only the FORK record has the child.
        let maker = creation.maker.map { $0.integer(in: record, raw: sample.raw) }
        if maker == nil || maker == Int64(sample.tid) { members.insert(child) }
    }

    private mutating func standing(_ process: Int32) -> Standing { isMember(process) ? .member : .foreign }

    private mutating func isMember(_ process: Int32) -> Bool {
        if process == recent { return true }
        guard members.contains(process) else { return false }
        recent = process
        return true
    }
}
