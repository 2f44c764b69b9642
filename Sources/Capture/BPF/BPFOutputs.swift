import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
import PerfRecords
import Session

/// What the recorder's BPF programs add to a recording. A machine without BPF is recorded without it.
struct BPFOutputs {
    private(set) var programs: [BPFPrograms] = []
    /// Outputs that are missing and why, one line each.
    private(set) var notes: [String] = []

    /// Loads the programs of every output that this machine allows. `systemCalls`: whether system-call tracepoints are
    /// recorded. `layout` is called at most once.
    init(
        cpus: [Int32], systemCalls: Bool = true, layout: () -> KernelLayout? = { KernelLayout.ofThisMachine() },
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) {
        var known: KernelLayout??
        func knownLayout() -> KernelLayout? {
            if let known { return known }
            let found = layout()
            known = .some(found)
            return found
        }
        for output in ProgramOutput.allCases where systemCalls || !BPFPrograms.needsSystemCalls(output) {
            do throws(BPFProgramError) {
                programs.append(
                    try LockedMemoryLimit.raised { () throws(BPFProgramError) -> BPFPrograms in
                        try BPFPrograms(output, cpus: (cpus.max() ?? 0) + 1, layout: knownLayout, describe: describe)
                    })
            } catch {
                note(output, error)
            }
        }
    }

    /// Plans an event for each output.
    func add(to plan: inout EventPlan, features: KernelFeatures) {
        for programs in programs { plan.add(programs.output, features: features) }
    }

    /// Attaches the programs to the open events, which then keep them.
    mutating func attach(to events: OpenEvents) {
        for programs in programs {
            do throws(BPFProgramError) {
                for (cpu, number) in events.descriptors(of: programs.output.rawValue) {
                    try programs.send(cpu: cpu, to: number)
                }
                try programs.attach { events.descriptors(of: $0.description).first?.number }
                events.keep(programs)
            } catch {
                note(programs.output, error)
            }
        }
    }

    private mutating func note(_ output: ProgramOutput, _ refusal: BPFProgramError) {
        let reason = refusal.reason(
            capabilities: Capabilities.effective.union(Privileges.available), kernel: Machine().version)
        notes.append("recorded without \(output.meaning): \(reason)")
    }
}

extension RecordingOutcome.EventCount {
    /// A note for the user about `missed`; `nil` if nothing was missed.
    var missNote: String? {
        guard let missed, let output = ProgramOutput(rawValue: name) else { return nil }
        let calls = missed == 1 ? "1 call" : "\(missed) calls"
        return "the kernel left a BPF program out of \(calls): \(output.meaning) may be missing there"
    }
}

extension ProgramOutput {
    /// What a recording lacks without this output.
    var meaning: String {
        switch self {
        case .failedExec: "the paths of failed exec attempts"
        case .reaped: "whom a waitid for any child reaped"
        case .imageSizes: "the sizes of arguments and environments"
        case .spawnerSize: "the sizes of spawners"
        }
    }
}

extension EventPlan {
    /// Plans the event that the programs of an output write samples to.
    mutating func add(_ output: ProgramOutput, features: KernelFeatures) {
        var attributes = Self.common(features: features, wakeup: events.first?.attributes.wakeup ?? 4096)
        attributes.type = EventAttributes.Kind.software
        attributes.config = EventAttributes.Software.bpfOutput
        attributes.samplePeriod = 1
        // perf expects a period in the samples of every bpf-output event, whatever sample_type says.
        attributes.sampleType.formUnion([.raw, .period])
        events.append(PlannedEvent(name: output.rawValue, attributes: attributes))
    }
}
