import Glibc
import PerfData
import PerfRecords

/// The processes whose spawns are recorded, as far as they run already.
struct Workload: ~Copyable {
    let target: RecordingTarget
    private let group: ControlGroup?

    /// A descriptor of the control group's directory, with --cgroup.
    var groupDescriptor: Int32? {
        switch group {
        case nil: nil
        case .some(let group): group.number
        }
    }

    /// Throws if a process or a control group does not exist.
    init(_ target: RecordingTarget) throws(RecordingError) {
        self.target = target
        switch target {
        case .command, .machine: group = nil
        case .processes(let processes):
            let table = ProcessTable.read()
            for process in processes { try table.check(process) }
            group = nil
        case .cgroup(let name): group = try ControlGroup(name)
        }
    }

    /// Opens the events with the first of these ring sizes that may be locked and that there is memory for.
    func open(_ plan: EventPlan, cpus: [Int32], ringSizes: [Int]) throws(RecordingError) -> OpenEvents {
        for size in ringSizes.dropLast() {
            do throws(RecordingError) {
                return try open(plan, cpus: cpus, ringSize: size)
            } catch {
                switch error {
                case .lockedMemory, .system(_, code: ENOMEM): continue
                default: throw error
                }
            }
        }
        return try open(plan, cpus: cpus, ringSize: ringSizes.last ?? RingSize.usual)
    }

    func open(_ plan: EventPlan, cpus: [Int32], ringSize: Int) throws(RecordingError) -> OpenEvents {
        switch group {
        case nil: return try OpenEvents(plan: plan, cpus: cpus, ringSize: ringSize)
        case .some(let group):
            do throws(RecordingError) {
                return try OpenEvents(plan: plan, cpus: cpus, ringSize: ringSize, .controlGroup(group.number))
            } catch {
                // The dummy was opened for the whole machine just before, so kernel and rights allow it: the group is
                // refused.
                guard case .cannotOpenEvent("dummy", let code) = error else { throw error }
                throw .controlGroup(path: group.path, code: code)
            }
        }
    }

    /// The root processes with -p: the given ones and their living descendants, but not the recorder, which one of them
    /// (a shell) may have started. `nil` for other targets.
    func roots() -> [Int32]? {
        guard case .processes(let processes) = target else { return nil }
        return Self.roots(processes, in: ProcessTable.read())
    }

    private static func roots(_ processes: [Int32], in table: ProcessTable) -> [Int32] {
        table.descendants(of: processes).filter { $0 != getpid() }
    }

    /// Calls `write` with the records of each process that runs already and belongs to the workload.
    func forEachRunning<Failure>(
        _ records: SyntheticRecords, _ write: (_ process: EarlierProcess, _ records: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        guard target != .command else { return }
        let table = ProcessTable.read()
        var wanted: Set<Int32>
        switch target {
        case .command: return
        case .processes(let processes): wanted = Set(Self.roots(processes, in: table))
        case .machine: wanted = Set(table.parents.keys)
        case .cgroup:
            switch group {
            case nil: return
            case .some(let group): wanted = group.processes()
            }
        }
        for pid in wanted.sorted() {
            let process = EarlierProcess(pid: pid, parent: table.parents[pid] ?? 0)
            let bytes = process.records(records)
            if !bytes.isEmpty { try write(process, bytes) }
        }
    }
}
