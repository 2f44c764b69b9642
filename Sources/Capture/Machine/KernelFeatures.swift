import CPerfEvent
import Glibc
import KernelPrograms
import LinuxSystem
import PerfRecords

/// What the running kernel's perf events can do.
package struct KernelFeatures: Hashable, Sendable {
    /// PERF_FORMAT_LOST: an event counts what it lost (kernel 6.0).
    package var lostCounts: Bool
    /// PERF_SAMPLE_CGROUP and PERF_RECORD_CGROUP (kernel 5.7, CONFIG_CGROUP_PERF).
    package var groups: Bool

    package init(lostCounts: Bool, groups: Bool = false) {
        self.lostCounts = lostCounts
        self.groups = groups
    }

    /// From the newest kernel to the oldest.
    private static let choices = [true, false].flatMap { lost in
        [true, false].map { KernelFeatures(lostCounts: lost, groups: $0) }
    }

    /// Opens dummy events on `cpu` until one is accepted: for every task of the machine, or with `process` for that one and
    /// its own memory.
    package static func probe(cpu: Int32, process: Int32? = nil) throws(RecordingError) -> KernelFeatures {
        var refusal: Int32 = 0
        for features in choices where process == nil || !features.groups {
            let scope = process.map { EventScope.process($0) } ?? .machine
            let attributes =
                process == nil
                ? EventPlan.sideband(features: features, tellsGroups: features.groups, wakeup: 4096)
                : EventPlan.inheritedSideband(features: features, wakeup: 4096)
            let number = openEvent(attributes, cpu: cpu, scope)
            if number >= 0 {
                _ = close(number)
                return features
            }
            refusal = -number
            if process != nil, refusal == EPERM || refusal == EACCES {
                throw .ownNotPermitted(paranoid: SystemFile.number("/proc/sys/kernel/perf_event_paranoid"))
            }
            if refusal != EINVAL { throw .opening("dummy", code: refusal) }
        }
        throw .opening("dummy", code: refusal)
    }
}

/// Whose tasks an event is of.
enum EventScope: Hashable {
    case machine
    /// The descriptor of a control group's directory.
    case controlGroup(Int32)
    /// One thread, and what it creates if the event is inherited.
    case process(Int32)
}

/// Opens an event and returns its descriptor, or -errno.
func openEvent(_ attributes: EventAttributes, cpu: Int32, _ scope: EventScope = .machine) -> Int32 {
    unsafe attributes.encoded().withUnsafeBytes { bytes in
        // The kernel opens a uprobe's file here; none of the raised capabilities allows reading files that the user
        // cannot read.
        Privileges.raised(.opening) {
            switch scope {
            case .machine: unsafe cperf_event_open(bytes.baseAddress, cpu)
            case .controlGroup(let group): unsafe cperf_event_open_in_cgroup(bytes.baseAddress, group, cpu)
            case .process(let process): unsafe cperf_event_open_of(bytes.baseAddress, process, cpu)
            }
        }
    }
}

/// Opens a planned event and returns its descriptor, or -errno. config1 of a uprobe is the address of its file's path.
func openEvent(_ event: PlannedEvent, cpu: Int32, _ scope: EventScope) -> Int32 {
    guard let breakpoint = event.breakpoint else { return openEvent(event.attributes, cpu: cpu, scope) }
    return unsafe breakpoint.path.withCString { path in
        var attributes = event.attributes
        attributes.config1 = UInt64(UInt(bitPattern: path))
        return openEvent(attributes, cpu: cpu, scope)
    }
}

extension RecordingError {
    /// The error that a failed perf_event_open(2) stands for.
    static func opening(_ name: String, code: Int32) -> RecordingError {
        switch code {
        case EPERM, EACCES:
            refused(
                code: code, capabilities: Capabilities.effective.union(Privileges.available),
                paranoid: SystemFile.number("/proc/sys/kernel/perf_event_paranoid"))
        case ENOSYS: .noSystemCall
        default: .cannotOpenEvent(name: name, code: code)
        }
    }

    /// The error that EPERM or EACCES stands for, given these capabilities and this value of perf_event_paranoid.
    static func refused(code: Int32, capabilities: Capabilities, paranoid: Int?) -> RecordingError {
        if capabilities.contains(.sysAdmin) { return .forbidden(code: code) }
        guard capabilities.contains(.perfmon) else { return .notPermitted(paranoid: paranoid) }
        // Only distributions' kernels know values above 2.
        if let paranoid, paranoid > 2 { return .onlyForRoot(paranoid: paranoid) }
        return .forbidden(code: code)
    }
}
