import ByteAccess
import CPerfEvent
import Glibc
import LinuxSystem
import PerfData
import PerfRecords
import Session

/// The recorder *joined*: BPF programs follow the workload's processes in the kernel and tell a spawn's life in a few
/// records, of the workload alone.
///
/// It cannot tell what the records of strangers would show, and it sees no calls of the 32-bit interface, whose effects
/// (creations, execs, ends) it does see.
final class JoinedSource: RecordSource {
    let kind = SessionMetadata.RecorderKind.joined
    let plan: EventPlan
    let ids: [[UInt64]]
    let openCPUs: [Int32]? = nil
    let notes: [String] = []
    let ringSize: Int
    private let programs: JoinedPrograms
    private let ring: BPFRing
    private var records: JoinedRecords
    private var isEnabled = false
    private var lost: UInt64 = 0

    /// Identifiers of the session's events: the kernel's are small numbers.
    private static let firstIdentifier: UInt64 = 1 << 40

    /// Bytes of the ring, which all CPUs share: a loop of spawns at full speed fills it in a second. Its memory is cleared
    /// before the command starts.
    static let usualRingSize = 8 << 20

    init(
        _ options: RecordingOptions, features: KernelFeatures, ringSize: Int,
        id: (TracepointName) -> UInt64?
    ) throws(BPFProgramError) {
        var plan = EventPlan()
        let wakeup = EventPlan.wakeup(options, ringSize: ringSize)
        plan.events = [
            PlannedEvent(name: "dummy", attributes: EventPlan.sideband(features: features, wakeup: wakeup))
        ]
        for event in JoinedEvent.allCases { plan.add(event, options: options, features: features, wakeup: wakeup) }
        let stackSize = StackDump(options).size
        let object = PackageResources.joined_bpf_o
        programs = try LockedMemoryLimit.raised { () throws(BPFProgramError) -> JoinedPrograms in
            try JoinedPrograms(
                object: object, ringSize: ringSize,
                id: id,
                adjust: { words in
                    words[.stackLimit] = Int64(stackSize)
                    words[.wakeAt] = Int64(wakeup)
                })
        }
        ring = try BPFRing(map: programs.maps.ring.number, size: ringSize)
        ids = plan.events.indices.map { [Self.firstIdentifier + UInt64($0)] }
        records = JoinedRecords(
            identifiers: ids.dropFirst().map { $0[0] }, sideband: Self.firstIdentifier,
            pageSize: UInt64(sysconf(Int32(_SC_PAGESIZE))))
        self.plan = plan
        self.ringSize = ringSize
    }

    var wakeUps: [Int32] { [ring.descriptor] }

    func follow(thread: Int32) throws(RecordingError) {
        var number = cperf_pidfd_open_thread(thread)
        // Before Linux 6.9 only a process's first thread has such a descriptor.
        if number == -EINVAL { number = cperf_pidfd_open(thread) }
        let descriptor = OwnedDescriptor(number)
        // ESRCH: it has ended.
        guard number != -ESRCH else { return }
        do throws(BPFProgramError) {
            guard number >= 0 else { throw .system(code: -number) }
            try programs.maps.follow(pidfd: descriptor.number)
        } catch {
            guard case .system(let code) = error, code != ESRCH else { return }
            throw .system(operation: "follow a thread", code: code)
        }
    }

    func enable() throws(RecordingError) {}

    func disable() {}

    func takeRound() -> UInt64 {
        records.clear()
        let lost = programs.maps.lost.reduce(UInt64(0)) { $0.addingSaturating($1) }
        if lost > self.lost {
            records.addLost(lost - self.lost, at: Clock.monotonic)
            self.lost = lost
        }
        ring.drain { records.add($0) }
        return UInt64(records.bytes.count)
    }

    func writeRound(to session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        guard !records.bytes.isEmpty else { return false }
        try session.append(records.bytes)
        return true
    }

    func counts() -> [SourceCount] {
        let lost = programs.maps.lost
        let own = JoinedEvent.allCases.map { event in
            let missing = lost.indices.contains(event.rawValue) ? lost[event.rawValue] : 0
            return SourceCount(occurrences: records.seen[event.rawValue] &+ missing, lost: missing)
        }
        // Mappings and names that found no room are the first event's.
        return [SourceCount(lost: lost.dropFirst(JoinedEvent.allCases.count + 1).reduce(0, &+))] + own
    }
}

extension EventPlan {
    /// Plans an event of the joined recorder, whose samples it writes itself.
    fileprivate mutating func add(
        _ event: JoinedEvent, options: RecordingOptions, features: KernelFeatures, wakeup: UInt32
    ) {
        let text = Array(event.format.utf8)
        guard let description = TracepointDescription(system: JoinedEvent.system, text: text) else { return }
        var attributes = Self.tracepoint(description, features: features, wakeup: wakeup)
        if event == .spawn {
            attributes.sampleType.insert(.callchain)
            StackDump(options).add(to: &attributes)
        }
        events.append(
            PlannedEvent(
                name: event.qualifiedName, attributes: attributes,
                tracepoint: TracepointName(JoinedEvent.system, event.name), description: description))
    }
}
