import ByteAccess
import CPerfEvent
import Glibc
import KernelPrograms
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
    let ringSize: Int
    /// Whether names and mappings must come from the kernel's side band.
    let needsSideband: Bool
    private let programs: any JoinedKernel
    private let reader: RingReader
    private var round: [UInt8] = []
    private var lost: UInt64 = 0
    private var missed: UInt64 = 0
    private var isDisabled = false
    private var groups = GroupRecords()

    /// Identifiers of the session's events: the kernel's are small numbers.
    private static let firstIdentifier: UInt64 = 1 << 40

    /// Bytes of the ring, which all CPUs share: two loops of spawns at full speed fill it in three seconds, for which the
    /// recorder may be stopped. Its memory is cleared before the command starts, which takes 3 ms.
    static let usualRingSize = 16 << 20

    /// What the programs are loaded with.
    struct Settings {
        /// In bytes.
        var ringSize: Int
        /// The most bytes of stack in a record.
        var stackLimit: Int
        /// Bytes in the ring from which on a record wakes the recorder.
        var wakeAt: UInt32
        /// `enum follows` of joined.bpf.h.
        var follows: Int64
        var tellsAtOnce: Bool
    }

    /// `tellsAtOnce`: for other events beside it, whose place in a process's life is to be known, and with which the
    /// kernel's side band comes; else the records of names, mappings and tasks are written here.
    init(
        _ options: RecordingOptions, features: KernelFeatures, ringSize: Int, tellsAtOnce: Bool,
        load: (Settings) throws(BPFProgramError) -> any JoinedKernel
    ) throws(BPFProgramError) {
        var plan = EventPlan()
        let wakeup = EventPlan.wakeup(options, ringSize: ringSize)
        plan.events = [
            PlannedEvent(name: "dummy", attributes: EventPlan.sideband(features: features, wakeup: wakeup))
        ]
        let stack = StackDump(live: options, ringSize: ringSize)
        // The last of them.
        let events = JoinedEvent.allCases.filter { $0 != .attempt || tellsAtOnce }
        for event in events { plan.add(event, stack: stack, features: features, wakeup: wakeup) }
        // enum follows.
        let follows: Int64 =
            switch options.target {
            case .command, .processes: 0
            case .machine: 1
            case .cgroup: 2
            }
        let settings = Settings(
            ringSize: ringSize, stackLimit: Int(stack.size), wakeAt: wakeup, follows: follows, tellsAtOnce: tellsAtOnce)
        programs = try load(settings)
        let ids = plan.events.indices.map { [Self.firstIdentifier + UInt64($0)] }
        reader = try RingReader(
            BPFRing(map: programs.ring, size: ringSize),
            JoinedRecords(
                identifiers: ids.dropFirst().map { $0[0] }, sideband: Self.firstIdentifier,
                pageSize: UInt64(sysconf(Int32(_SC_PAGESIZE))), writesSideband: !tellsAtOnce && programs.hasIterators,
                hasStacks: stack.size > 0)
        )
        needsSideband = !programs.hasIterators
        self.ids = ids
        self.plan = plan
        self.ringSize = ringSize
    }

    /// Limits the events of this name to the workload: the clock's, of which each CPU has its own.
    func limitSamples(of events: OpenEvents) {
        for (_, number) in events.descriptors(of: EventPlan.clockName) { programs.limit(event: number) }
    }

    /// In newer kernels (7.2) a thread can be preempted inside a system call's program, which is left out for threads that
    /// run on that CPU meanwhile (bpf_prog_run_array_sleepable).
    var notes: [String] {
        guard missed > 0 else { return groups.notes }
        let calls = missed == 1 ? "1 call" : "\(missed) calls"
        return groups.notes + [
            "the kernel left BPF programs out of \(calls), perhaps of others: what they would have told is missing"
        ]
    }

    var wakeUps: [Int32] { [reader.ready.number] }

    func follow(thread: Int32) throws(RecordingError) {
        var number = cperf_pidfd_open_thread(thread)
        // Before Linux 6.9 only a process's first thread has such a descriptor.
        if number == -EINVAL { number = cperf_pidfd_open(thread) }
        let descriptor = OwnedDescriptor(number)
        // ESRCH: it has ended.
        guard number != -ESRCH else { return }
        do throws(BPFProgramError) {
            guard number >= 0 else { throw .system(code: -number) }
            try programs.follow(pidfd: descriptor.number)
        } catch {
            switch error {
            case .system(ESRCH): return
            case .system(let code): throw .system(operation: "follow a thread", code: code)
            default: throw .cannotJoin(reason: error.reason(capabilities: [], kernel: .running))
            }
        }
    }

    func enable() throws(RecordingError) {
        do throws(BPFProgramError) {
            try programs.enable()
        } catch {
            if case .system(let code) = error { throw .system(operation: "enable the BPF programs", code: code) }
            throw .cannotJoin(reason: error.reason(capabilities: [], kernel: .running))
        }
    }

    func begin() { reader.start() }

    func disable() {
        reader.end()
        isDisabled = true
    }

    func takeRound() -> UInt64 {
        let losses = programs.losses
        let (lost, missed) = (losses.lost.reduce(UInt64(0)) { $0.addingSaturating($1) }, losses.missed)
        // A call that a program was left out of may have been anybody's: no record is lost for certain, but the reader must
        // not conclude anything from what is not there.
        let isComplete = lost == self.lost && missed == self.missed
        round = reader.take(
            lost: isComplete ? nil : lost - self.lost, at: Clock.monotonic,
            firstRun: isDisabled ? { self.firstRun(of: $0) } : nil)
        (self.lost, self.missed) = (lost, missed)
        // After the round: what it has of groups is among these.
        // Beside other events the first event is theirs.
        round += groups.records(reader.takeGroups(), identifier: Self.firstIdentifier + 1)
        return UInt64(round.count)
    }

    private func firstRun(of process: Int32) -> UInt64? {
        let descriptor = OwnedDescriptor(cperf_pidfd_open(process))
        return descriptor.number < 0 ? nil : programs.firstRun(pidfd: descriptor.number)
    }

    func writeRound(to session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        guard !round.isEmpty else { return false }
        defer { round = [] }
        try session.append(round)
        return true
    }

    func counts() -> [SourceCount] {
        let lost = programs.losses.lost
        let seen = reader.seen
        let own = JoinedEvent.allCases.prefix(plan.events.count - 1).map { event in
            let missing = lost.indices.contains(event.rawValue) ? lost[event.rawValue] : 0
            return SourceCount(occurrences: seen[event.rawValue] &+ missing, lost: missing)
        }
        // Mappings and names that found no room are the first event's.
        return [SourceCount(lost: lost.dropFirst(JoinedEvent.allCases.count + 1).reduce(0, &+))] + own
    }
}

extension EventPlan {
    /// Plans an event of the recorders that write its samples themselves.
    mutating func add(
        _ event: JoinedEvent, stack: StackDump, features: KernelFeatures, wakeup: UInt32
    ) {
        let text = Array(event.format.utf8)
        guard let description = TracepointDescription(system: JoinedEvent.system, text: text) else { return }
        var attributes = Self.tracepoint(description, features: features, wakeup: wakeup)
        if event == .spawn {
            attributes.sampleType.insert(.callchain)
            stack.add(to: &attributes)
        }
        events.append(
            PlannedEvent(
                name: event.qualifiedName, attributes: attributes,
                tracepoint: TracepointName(JoinedEvent.system, event.name), description: description))
    }
}
