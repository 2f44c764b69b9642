import KernelPrograms
import Session

/// Makes the recorders for who has no rights: *joined* by the helper where an administrator has installed it; else, for a
/// command, *traced*, and *inherited* where ptrace is refused.
struct UnprivilegedChoice {
    let options: RecordingOptions
    let cpus: [Int32]
    /// The process that will execute the command.
    let root: Int32?

    /// `machine`: whether the machine's events may be recorded; if not, these recorders are taken unless something is asked
    /// for that only the others can tell.
    func source(insteadOf machine: Result<MachineEvents, RecordingError>) throws(RecordingError) -> any RecordSource {
        switch options.recorder {
        case .traced: return try TracedSource(options)
        case .inherited: return try inherited()
        default: break
        }
        guard case .failure(let error) = machine else { return try TracedSource(options) }
        var whyNotHelped: String?
        if error.isForWantOfRights, let path = HelperProgram.usable, suitsHelper {
            do throws(BPFProgramError) {
                return try helped(by: path)
            } catch {
                whyNotHelped = error.reason(capabilities: [], kernel: .running)
            }
        }
        if options.recorder == .joined {
            guard let whyNotHelped else { throw error }
            throw .cannotJoin(reason: "\(HelperProgram.name): \(whyNotHelped)")
        }
        guard error.isForWantOfRights, TracedSource.refusal(options) == nil, options.requirement != .phases,
            !options.leavesOutSystemCalls
        else { throw error }
        guard let refusal = TracedSource.trial() else {
            let traced = try TracedSource(options)
            let reason = whyNotHelped.map { "\(HelperProgram.name): \($0)" } ?? "\(error)"
            traced.reason = "recorded by ptrace, which tells no phases and waits: \(reason)"
            return traced
        }
        do throws(RecordingError) {
            let events = try inherited()
            events.notes.append(
                "recorded by events of the command alone, which tell spawns, programs and lifetimes: \(refusal)")
            return events
        } catch _ {
            guard case .cannotTrace(let reason) = refusal else { throw refusal }
            throw .noRecorder(events: "\(error)", tracing: reason)
        }
    }

    /// Whether the helper can record what is asked for: it has no events besides its own.
    private var suitsHelper: Bool {
        guard !options.leavesOutSystemCalls, TracedSource.hasNoOwnEvents(options) else { return false }
        switch options.target {
        case .command: return true
        // It names threads by pidfds (PIDFD_THREAD).
        case .processes: return (KernelVersion.running ?? KernelVersion(0, 0)) >= KernelVersion(6, 9)
        case .machine, .cgroup: return false
        }
    }

    private func helped(by path: String) throws(BPFProgramError) -> any RecordSource {
        try JoinedSource(
            options, features: KernelFeatures(lostCounts: true),
            ringSize: options.ringSize ?? JoinedSource.usualRingSize, tellsAtOnce: false
        ) { settings throws(BPFProgramError) in
            try JoinedHelper(
                path: path, ringSize: settings.ringSize, stackLimit: settings.stackLimit, wakeAt: settings.wakeAt)
        }
    }

    private func inherited() throws(RecordingError) -> OpenEvents {
        if let refusal = TracedSource.refusal(options) { throw .cannotInherit(reason: refusal) }
        if let requirement = options.requirement, requirement > .counts {
            throw .cannotInherit(reason: "it tells no \(requirement.rawValue)")
        }
        guard let root else { throw .cannotInherit(reason: "it follows a command alone") }
        do throws(RecordingError) {
            let features = try KernelFeatures.probe(cpu: cpus.first ?? 0, process: root)
            var smallest: RecordingError?
            for size in options.ringSize.map({ [$0] }) ?? Self.ringSizes {
                do throws(RecordingError) {
                    return try OpenEvents(
                        plan: .inherited(features: features, ringSize: size), cpus: cpus, ringSize: size,
                        .process(root))
                } catch {
                    guard case .lockedMemory = error else { throw error }
                    smallest = error
                }
            }
            throw smallest ?? .lockedMemory(ringSize: 0)
        } catch {
            throw .cannotInherit(reason: "\(error)")
        }
    }

    /// Who has no rights may lock 516 KiB a CPU (kernel.perf_event_mlock_kb), which other recordings of the same user may
    /// have taken in part.
    private static let ringSizes = [512 << 10, 256 << 10, 64 << 10]
}
