import Glibc
import KernelPrograms
import LinuxSystem
import PerfRecords
import Session

/// Makes the recorder that is asked for; if none is, *joined* where this machine allows it, and *events* elsewhere.
struct SourceChoice {
    let options: RecordingOptions
    let features: KernelFeatures
    let tracing: TracingDirectory
    let images: ImageReader
    let cpus: [Int32]

    func source(_ workload: borrowing Workload) throws(RecordingError) -> any RecordSource {
        switch options.recorder {
        case .events: return try events(workload)
        case .joined: return try joined(workload)
        case .traced, .inherited, nil: break
        }
        if options.leavesOutSystemCalls { return try events(workload) }
        do throws(RecordingError) {
            return try joined(workload)
        } catch {
            guard case .cannotJoin(let reason) = error else { throw error }
            let events = try events(workload)
            events.notes.append("recorded by events, not joined: \(reason)")
            return events
        }
    }

    private func joined(_ workload: borrowing Workload) throws(RecordingError) -> any RecordSource {
        let joined = try joined(group: workload.groupDescriptor)
        guard asksForEvents || joined.needsSideband else { return joined }
        let events = try eventsBeside(workload)
        joined.limitSamples(of: events)
        return JoinedWithEvents(joined, events)
    }

    /// Why this machine does not allow the joined recorder; `nil` if it does.
    var refusal: String? {
        do throws(RecordingError) {
            _ = try joined(group: nil)
            return nil
        } catch {
            guard case .cannotJoin(let reason) = error else { return "\(error)" }
            return reason
        }
    }

    /// Why the joined recorder cannot record this; `nil` if it can.
    private var unsuitable: String? {
        if options.leavesOutSystemCalls { return "it needs system calls, which --no-syscalls leaves out" }
        // Other threads than the first have no descriptor by which a program could be told of them (PIDFD_THREAD).
        if case .processes = options.target, let kernel = Machine().version, kernel < KernelVersion(6, 9) {
            return "it follows what runs already from Linux 6.9 on"
        }
        if options.target == .machine && JoinedPrograms.isNested {
            return "it would record processes outside of this container, which have no pids here"
        }
        return nil
    }

    private var asksForEvents: Bool {
        !options.tracepoints.isEmpty || options.sampleFrequency != nil || !options.probes.isEmpty || options.probesLink
    }

    private func joined(group: Int32?) throws(RecordingError) -> JoinedSource {
        if let unsuitable { throw .cannotJoin(reason: unsuitable) }
        do throws(BPFProgramError) {
            return try JoinedSource(
                options, features: features, ringSize: options.ringSize ?? JoinedSource.usualRingSize,
                tellsAtOnce: asksForEvents
            ) { settings throws(BPFProgramError) in try load(settings, group) }
        } catch {
            throw .cannotJoin(
                reason: error.reason(
                    capabilities: Capabilities.effective.union(Privileges.available), kernel: Machine().version))
        }
    }

    private func load(_ settings: JoinedSource.Settings, _ group: Int32?) throws(BPFProgramError) -> any JoinedKernel {
        try LockedMemoryLimit.raised { () throws(BPFProgramError) -> JoinedPrograms in
            try JoinedPrograms(
                ringSize: settings.ringSize, group: group, isNested: JoinedPrograms.isNested, id: { tracing.id($0) },
                adjust: { words in
                    words[.stackLimit] = Int64(settings.stackLimit)
                    words[.wakeAt] = Int64(settings.wakeAt)
                    words[.tellsMappings] = settings.tellsAtOnce ? 0 : 1
                    words[.follows] = settings.follows
                    words[.tellsAtOnce] = settings.tellsAtOnce ? 1 : 0
                })
        }
    }

    private func events(_ workload: borrowing Workload) throws(RecordingError) -> OpenEvents {
        var plan = try EventPlan(options: options, features: features, describe: tracing.describe)
        var programs = BPFOutputs(
            cpus: cpus, systemCalls: !options.leavesOutSystemCalls, describe: tracing.describe)
        programs.add(to: &plan, features: features)
        let events = try open(&plan, workload)
        programs.attach(to: events)
        events.notes += programs.notes
        if let wanted = options.stackSize, wanted > StackDump.largestSize {
            events.notes.append(
                "recorded \(StackDump.largestSize >> 10)K of each stack, the most that a perf record holds")
        }
        return events
    }

    /// What the user asked for, with the side band and without the tracepoints of the phases.
    private func eventsBeside(_ workload: borrowing Workload) throws(RecordingError) -> OpenEvents {
        var plan = try EventPlan(options: options, features: features, ofPhases: [], describe: tracing.describe)
        return try open(&plan, workload)
    }

    private func open(_ plan: inout EventPlan, _ workload: borrowing Workload) throws(RecordingError) -> OpenEvents {
        if options.probesLink {
            if let probe = LinkProbe.breakpoint(symbolOffset: images.symbolOffset) {
                _ = plan.add(probe, name: LifecycleProbe.linked, features: features)
            } else {
                plan.notes.append(
                    "recorded without the dynamic linker's share: this machine's libc has no \(LinkProbe.symbol)")
            }
        }
        for probe in options.probes { plan.add(probe, options: options, features: features, images: images) }
        DescriptorLimit.raise(to: (plan.events.count + 4) * cpus.count + 2 * ForeignRoots.most + HeldFile.most + 64)
        let choices = RingSize.choices(options, cpus: cpus.count, memory: RingSize.memory)
        return try workload.open(plan, cpus: cpus, ringSizes: choices)
    }
}
