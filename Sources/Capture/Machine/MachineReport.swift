import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
import PerfRecords

/// What this machine allows a recorder to do, found by trying.
package struct MachineReport: Sendable {
    package let checks: [MachineCheck]

    /// Whether `record` would work here.
    package var allowsRecording: Bool { tellsPhases || allowsTracing || allowsInheriting }
    /// Whether what it records would have phases and waits.
    package var tellsPhases: Bool { hasHelper || !checks.contains { $0.state == .blocking } }
    /// Whether the helper records for this user.
    package let hasHelper: Bool
    /// Whether a command may be followed by ptrace(2), and by events that its descendants inherit.
    package let allowsTracing: Bool
    private let allowsInheriting: Bool

    package init(ringSize: Int = 4 << 20) {
        let cpus = OnlineCPUs.read()
        var checks = [Self.kernel(), Self.user()]
        if !Privileges.available.isEmpty { checks.append(Self.capabilities()) }
        let features = Self.perfEvents(cpu: cpus.first ?? 0, into: &checks)
        let tracing = Self.tracing(into: &checks)
        if let tracing { Self.tracepoints(tracing, cpu: cpus.first ?? 0, features: features, into: &checks) }
        if features != nil { checks.append(Self.ring(cpu: cpus.first ?? 0, size: ringSize)) }
        checks.append(Self.descriptors(cpus: cpus.count))
        checks.append(Self.kernelAddresses())
        if let tracing { checks.append(Self.bpf(tracing, cpus: cpus)) }
        if let tracing, let features { checks.append(Self.joined(tracing, features)) }
        let helper = Self.helper()
        hasHelper = helper?.state == .fine
        if let helper { checks.append(helper) }
        let refusal = TracedSource.trial()
        allowsTracing = refusal == nil
        let traced = "traced recorder"
        checks.append(
            refusal.map { .limited(traced, "\($0)") }
                ?? .fine(traced, "ptrace(2) may follow a command: counts, programs and call sites, without any right"))
        let inherited = Self.inherited(cpu: cpus.first ?? 0)
        allowsInheriting = inherited.state == .fine
        checks.append(inherited)
        self.checks = checks
    }

    /// The command gains no rights this way. File capabilities on the program would be for everyone who may run it.
    static let asRoot = "sudo spawnscope record -u \"$USER\" -- COMMAND: records as root, and runs the command as you"

    private static func kernel() -> MachineCheck {
        let machine = Machine()
        let text = "Linux \(machine.release) on \(machine.architecture), \(machine.onlineCPUs) CPUs"
        if let version = machine.version, version < KernelVersion(5, 10) {
            return .limited("kernel", text, remedy: "kernels from 5.10 on are meant")
        }
        return .fine("kernel", text)
    }

    private static func user() -> MachineCheck {
        let names = Capabilities.effective.union(Privileges.available).names
        let paranoid = SystemFile.number("/proc/sys/kernel/perf_event_paranoid").map(String.init) ?? "unknown"
        return .fine(
            "user",
            "uid \(geteuid()), \(names.isEmpty ? "no capability that matters" : names.joined(separator: " "));"
                + " kernel.perf_event_paranoid is \(paranoid)")
    }

    /// Whether events of one's own process may be opened.
    private static func inherited(cpu: Int32) -> MachineCheck {
        do throws(RecordingError) {
            _ = try KernelFeatures.probe(cpu: cpu, process: getpid())
            return .fine(
                "inherited recorder",
                "events of a command may be opened: its spawns, programs and lifetimes, without any right")
        } catch {
            return .limited("inherited recorder", "\(error)")
        }
    }

    private static func capabilities() -> MachineCheck {
        .limited(
            "capabilities",
            "this program has them without being run by root: whoever may run it may record every process of the machine",
            remedy: "sudo setcap -r on the program, where its file has them; then \(asRoot)")
    }

    private static func perfEvents(cpu: Int32, into checks: inout [MachineCheck]) -> KernelFeatures? {
        do throws(RecordingError) {
            let features = try KernelFeatures.probe(cpu: cpu)
            checks.append(.fine("perf events", "the whole machine's may be opened"))
            checks.append(
                features.lostCounts
                    ? .fine("lost events", "counted by event (PERF_FORMAT_LOST)")
                    : .limited("lost events", "counted as a whole only: PERF_FORMAT_LOST came with kernel 6.0"))
            return features
        } catch {
            let remedy: String? =
                switch error {
                case .notPermitted, .onlyForRoot: asRoot
                default: nil
                }
            checks.append(.blocking("perf events", "\(error)", remedy: remedy))
            return nil
        }
    }

    private static func tracing(into checks: inout [MachineCheck]) -> TracingDirectory? {
        do throws(RecordingError) {
            let tracing = try TracingDirectory.find()
            checks.append(.fine("tracefs", "readable at \(tracing.path)"))
            return tracing
        } catch {
            let remedy =
                error == .tracingNotMounted
                ? "sudo mount -t tracefs nodev /sys/kernel/tracing"
                : asRoot
            checks.append(.blocking("tracefs", "\(error)", remedy: remedy))
            return nil
        }
    }

    /// Checks whether a ring can be mapped as `record` would on every CPU.
    private static func ring(cpu: Int32, size: Int) -> MachineCheck {
        var attributes = EventAttributes()
        attributes.type = EventAttributes.Kind.software
        attributes.config = EventAttributes.Software.dummy
        let number = openEvent(attributes, cpu: cpu)
        guard number >= 0 else { return .blocking("ring buffers", "\(RecordingError.opening("dummy", code: -number))") }
        let event = OwnedDescriptor(number)
        let allowed = SystemFile.number("/proc/sys/kernel/perf_event_mlock_kb").map { "\($0) KiB a CPU" } ?? "unknown"
        do throws(RecordingError) {
            _ = try Ring(descriptor: event.number, size: size)
            return .fine("ring buffers", "\(size >> 20) MiB a CPU can be locked (perf_event_mlock_kb: \(allowed))")
        } catch {
            return .blocking("ring buffers", "\(error)", remedy: "ulimit -l unlimited, or --ring-size 256K")
        }
    }

    private static func descriptors(cpus: Int) -> MachineCheck {
        let needed = (DefaultTracepoint.all.count + 1) * cpus + 64
        DescriptorLimit.raise(to: needed)
        let limit = DescriptorLimit.current
        return limit >= UInt64(needed)
            ? .fine("descriptors", "\(needed) are needed, \(limit) allowed")
            : .blocking("descriptors", "\(needed) are needed, \(limit) allowed", remedy: "ulimit -n \(needed)")
    }

    private static func kernelAddresses() -> MachineCheck {
        let restriction = SystemFile.number("/proc/sys/kernel/kptr_restrict")
        let setting = "kernel.kptr_restrict is \(restriction.map(String.init) ?? "unknown")"
        if !KernelMaps.read().isEmpty { return .fine("kernel symbols", "readable (\(setting))") }
        return .limited(
            "kernel symbols", "hidden (\(setting)): --sample and -g show addresses",
            remedy: restriction == 0 ? asRoot : "sudo sysctl kernel.kptr_restrict=0")
    }
}
