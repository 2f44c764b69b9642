import Glibc
import LinuxSystem
import PerfRecords
import Session

/// Makes the recorder that is asked for: *events*, or *joined* where this machine allows it.
struct SourceChoice {
    let options: RecordingOptions
    let features: KernelFeatures
    let tracing: TracingDirectory
    let images: ImageReader
    let cpus: [Int32]

    func source(_ workload: borrowing Workload) throws(RecordingError) -> any RecordSource {
        guard options.recorder == .joined else { return try events(workload) }
        let joined = try self.joined()
        return asksForEvents ? JoinedWithEvents(joined, try eventsBeside(workload)) : joined
    }

    /// Why this machine does not allow the joined recorder; `nil` if it does.
    var refusal: String? {
        do throws(RecordingError) {
            _ = try joined()
            return nil
        } catch {
            guard case .cannotJoin(let reason) = error else { return "\(error)" }
            return reason
        }
    }

    /// Why the joined recorder cannot record this; `nil` if it can.
    private var unsuitable: String? {
        if options.leavesOutSystemCalls { return "it needs system calls, which --no-syscalls leaves out" }
        if case .cgroup = options.target { return "it does not know control groups" }
        // The programs see the pids of the initial namespace (PROC_PID_INIT_INO of linux/proc_ns.h).
        guard let file = try? OwnedDescriptor(reading: "/proc/self/ns/pid"),
            let space = try? FileStatus(file.number), space.inode == 0xefff_fffc
        else {
            return "this is a container with its own pid namespace"
        }
        return nil
    }

    private var asksForEvents: Bool {
        !options.tracepoints.isEmpty || options.sampleFrequency != nil || !options.probes.isEmpty || options.probesLink
    }

    private func joined() throws(RecordingError) -> JoinedSource {
        if let unsuitable { throw .cannotJoin(reason: unsuitable) }
        do throws(BPFProgramError) {
            return try JoinedSource(
                options, features: features, ringSize: options.ringSize ?? JoinedSource.usualRingSize,
                writesSideband: !asksForEvents, id: { tracing.id($0) })
        } catch {
            throw .cannotJoin(
                reason: error.reason(
                    capabilities: Capabilities.effective.union(Privileges.available), kernel: Machine().version))
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
