import CPerfEvent
import Glibc
import LinuxSystem
import PerfRecords

/// What the running kernel's perf events can do.
package struct KernelFeatures: Hashable, Sendable {
    /// PERF_FORMAT_LOST: an event counts what it lost (kernel 6.0).
    package var lostCounts: Bool

    package init(lostCounts: Bool) {
        self.lostCounts = lostCounts
    }

    /// Opens dummy events on `cpu` until one is accepted.
    package static func probe(cpu: Int32) throws(RecordingError) -> KernelFeatures {
        var refusal: Int32 = 0
        for lostCounts in [true, false] {
            let features = KernelFeatures(lostCounts: lostCounts)
            let number = openEvent(EventPlan.sideband(features: features, wakeup: 4096), cpu: cpu)
            if number >= 0 {
                _ = close(number)
                return features
            }
            refusal = -number
            if refusal != EINVAL { throw .opening("dummy", code: refusal) }
        }
        throw .opening("dummy", code: refusal)
    }
}

/// Opens an event and returns its descriptor, or -errno. `cgroup`: a descriptor of a control group's directory, to
/// whose tasks the event is limited.
func openEvent(_ attributes: EventAttributes, cpu: Int32, cgroup: Int32? = nil) -> Int32 {
    unsafe attributes.encoded().withUnsafeBytes { bytes in
        // The kernel opens a uprobe's file here; none of the raised capabilities allows reading files that the user
        // cannot read.
        Privileges.raised(.opening) {
            guard let cgroup else { return unsafe cperf_event_open(bytes.baseAddress, cpu) }
            return unsafe cperf_event_open_in_cgroup(bytes.baseAddress, cgroup, cpu)
        }
    }
}

/// Opens a planned event and returns its descriptor, or -errno. config1 of a uprobe is the address of its file's path.
func openEvent(_ event: PlannedEvent, cpu: Int32, cgroup: Int32?) -> Int32 {
    guard let breakpoint = event.breakpoint else { return openEvent(event.attributes, cpu: cpu, cgroup: cgroup) }
    return unsafe breakpoint.path.withCString { path in
        var attributes = event.attributes
        attributes.config1 = UInt64(UInt(bitPattern: path))
        return openEvent(attributes, cpu: cpu, cgroup: cgroup)
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
