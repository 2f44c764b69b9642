import CPerfEvent
import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
import PerfRecords
import Session
import Synchronization

/// The recorder *traced*: ptrace(2) follows a command of one's own, without any right, in containers and at every
/// setting of perf_event_paranoid. It tells what the joined recorder tells, by the same events, with these exceptions.
///
/// No process is stopped at its system calls, which would cost more than a spawn. So what only they show is not known:
/// when a spawner began to create a process and how long it was inside, when an exec attempt began, those of a process
/// that failed after its first exec, and when a wait took a child. Until it runs, a new process is stopped twice, and that
/// time is not its own.
final class TracedSource: RecordSource {
    let kind = SessionMetadata.RecorderKind.traced
    let plan: EventPlan
    let ids: [[UInt64]]
    let openCPUs: [Int32]? = nil
    let ringSize: Int
    private let withholdsRights = !Capabilities.effective.union(Privileges.available).contains(.traceProcesses)
    private let output: TracedOutput
    private let stackLimit: Int
    private let thread = Mutex<SystemThread?>(nil)
    private let control = Control()
    private var round: [UInt8] = []
    /// Why no other recorder was taken.
    var reason: String?

    private static let firstIdentifier: UInt64 = 1 << 40
    /// What a traced session has.
    static let events: [JoinedEvent] = [
        .spawn, .execFailed, .exec, .execReturn, .exit, .wait, .parentTold, .stack, .attemptsUnseen,
    ]
    /// Bytes of records from which on they are written at once.
    private static let wakeAt = 1 << 20

    /// What the tracer's thread and who ends it tell each other.
    private final class Control: Sendable {
        let begun = Mutex<Int32?>(nil)
        let thread = Atomic<Int32>(0)
        let isOver = Atomic<Bool>(false)
        let isDone = Atomic<Bool>(false)
    }

    /// Whether ptrace can be used at all, found by trying; else why not.
    static func trial() -> RecordingError? {
        do throws(RecordingError) {
            let child = try StoppedChild(command: [Array("true".utf8)])
            let result = cperf_trace_try(child.pid)
            return result < 0 ? .cannotTrace(reason: reason(-result)) : nil
        } catch {
            return error
        }
    }

    /// Why ptrace cannot record what is asked for; `nil` if it can.
    static func refusal(_ options: RecordingOptions) -> String? {
        #if !arch(x86_64)
            return "it is for x86-64"
        #endif
        guard case .command = options.target, !options.command.isEmpty else { return "it follows a command alone" }
        if !hasNoOwnEvents(options) {
            return "it has no events besides its own: leave out -e, --sample, --probe and --link"
        }
        return nil
    }

    /// Whether nothing is asked for that only perf events tell.
    static func hasNoOwnEvents(_ options: RecordingOptions) -> Bool {
        options.tracepoints.isEmpty && options.sampleFrequency == nil && options.probes.isEmpty && !options.probesLink
    }

    init(_ options: RecordingOptions) throws(RecordingError) {
        if options.requirement == .phases {
            throw .cannotTrace(reason: "it tells no phases: leave out --require phases, or --recorder")
        }
        if let refusal = Self.refusal(options) { throw .cannotTrace(reason: refusal) }
        let features = KernelFeatures(lostCounts: true)
        var plan = EventPlan()
        let wakeup = UInt32(clamping: Self.wakeAt)
        plan.events = [
            PlannedEvent(name: "dummy", attributes: EventPlan.sideband(features: features, wakeup: wakeup))
        ]
        ringSize = options.ringSize ?? JoinedSource.usualRingSize
        let stack = StackDump(live: options, ringSize: ringSize)
        for event in Self.events { plan.add(event, stack: stack, features: features, wakeup: wakeup) }
        var byEvent = [UInt64](repeating: 0, count: JoinedEvent.allCases.count)
        for (index, event) in Self.events.enumerated() {
            byEvent[event.rawValue - 1] = Self.firstIdentifier + UInt64(index) + 1
        }
        output = try TracedOutput(
            JoinedRecords(
                identifiers: byEvent, sideband: Self.firstIdentifier, pageSize: UInt64(sysconf(Int32(_SC_PAGESIZE))),
                hasStacks: stack.size > 0),
            wakeAt: Self.wakeAt)
        stackLimit = stack.size
        ids = plan.events.indices.map { [Self.firstIdentifier + UInt64($0)] }
        self.plan = plan
    }

    var wakeUps: [Int32] { [output.ready.number] }

    /// Starts the tracer's thread, which traces the command's process before that is released.
    func follow(thread root: Int32) throws(RecordingError) {
        let (control, output, limit) = (control, output, stackLimit)
        let hasStarted = thread.withLock { held in
            held = SystemThread {
                control.thread.store(cperf_thread(), ordering: .releasing)
                _ = cperf_receive(Self.interruption)
                var tracer = Tracer(root: root, output, stackLimit: limit, identifier: Self.firstIdentifier)
                let result = tracer.begin()
                Privileges.dropOfThread()
                control.begun.withLock { $0 = result }
                if result >= 0 { tracer.run(until: { control.isOver.load(ordering: .acquiring) }) }
                control.isDone.store(true, ordering: .releasing)
            }
            return held != nil
        }
        guard hasStarted else { throw .system(operation: "start a thread", code: EAGAIN) }
        while true {
            if let result = control.begun.withLock({ $0 }) {
                guard result >= 0 else { throw .cannotTrace(reason: TracedSource.reason(-result)) }
                return
            }
            usleep(50)
        }
    }

    private static func reason(_ code: Int32) -> String {
        code == EPERM
            ? "ptrace(2) is not allowed here (a sandbox, kernel.yama.ptrace_scope, or a tracer that is there already)"
            : "ptrace(2) failed (error \(code))"
    }

    func enable() {
        _ = cperf_trace_interruptible(Self.interruption)
    }

    /// A signal that nothing else uses here; it only ends the tracer's wait.
    private static let interruption: Int32 = 40

    func begin() {}

    /// How long the tracer may take to come back from a stopped thread's memory or files, which someone else may serve.
    private static let patience: UInt64 = 5_000_000_000

    func disable() {
        control.isOver.store(true, ordering: .releasing)
        thread.withLock { held in
            guard let running = held.take() else { return }
            let start = Clock.monotonic
            // A signal that comes before the wait does not end it.
            while !control.isDone.load(ordering: .acquiring) {
                guard Clock.monotonic &- start < Self.patience else { return running.detach() }
                interrupt()
                usleep(500)
            }
            running.join()
        }
    }

    private func interrupt() {
        _ = cperf_signal_thread(control.thread.load(ordering: .acquiring), Self.interruption)
    }

    func takeRound() -> UInt64 {
        if output.awaitsTracer { interrupt() }
        round = output.take()
        return UInt64(round.count)
    }

    func writeRound(to session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        guard !round.isEmpty else { return false }
        defer { round = [] }
        try session.append(round)
        return true
    }

    func counts() -> [SourceCount] {
        let seen = output.seen
        return [SourceCount(lost: 0)] + Self.events.map { SourceCount(occurrences: seen[$0.rawValue], lost: 0) }
    }

    /// While the tracer runs, its wait takes the command.
    var commandStatus: Int32? {
        let start = Clock.monotonic
        while output.rootStatus == nil, !control.isDone.load(ordering: .acquiring),
            Clock.monotonic &- start < Self.patience
        {
            usleep(200)
        }
        return output.rootStatus
    }

    var notes: [String] {
        let notes = reason.map { [$0] } ?? []
        let asked = output.withoutRights
        guard asked.count > 0, withholdsRights else { return notes }
        let name = String(decoding: asked.first, as: UTF8.self)
        return notes + [
            "\(asked.count) of the programs (\(name) first) ask for their owner's rights and did not get them, since they were"
                + " followed by ptrace: record as root to have them run as ever"
        ]
    }
}
