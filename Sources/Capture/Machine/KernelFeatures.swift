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

/// The descriptor, or -errno. `cgroup`: a descriptor of the directory whose tasks alone are meant.
func openEvent(_ attributes: EventAttributes, cpu: Int32, cgroup: Int32? = nil) -> Int32 {
    unsafe attributes.encoded().withUnsafeBytes { bytes in
        // A probe's file is opened by the kernel, with none of the rights that read what the user cannot.
        Privileges.raised(.opening) {
            guard let cgroup else { return unsafe cperf_event_open(bytes.baseAddress, cpu) }
            return unsafe cperf_event_open_in_cgroup(bytes.baseAddress, cgroup, cpu)
        }
    }
}

/// Opens a planned event, or returns -errno: a probe's file is told by the address of its name.
func openEvent(_ event: PlannedEvent, cpu: Int32, cgroup: Int32?) -> Int32 {
    guard let breakpoint = event.breakpoint else { return openEvent(event.attributes, cpu: cpu, cgroup: cgroup) }
    return unsafe breakpoint.path.withCString { path in
        var attributes = event.attributes
        attributes.config1 = UInt64(UInt(bitPattern: path))
        return openEvent(attributes, cpu: cpu, cgroup: cgroup)
    }
}

extension RecordingError {
    /// What a refusal by perf_event_open(2) means.
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

    /// What a refusal for want of rights means: what these capabilities and this value of perf_event_paranoid make of it.
    static func refused(code: Int32, capabilities: Capabilities, paranoid: Int?) -> RecordingError {
        if capabilities.contains(.sysAdmin) { return .forbidden(code: code) }
        guard capabilities.contains(.perfmon) else { return .notPermitted(paranoid: paranoid) }
        // Values that only distributions' kernels know.
        if let paranoid, paranoid > 2 { return .onlyForRoot(paranoid: paranoid) }
        return .forbidden(code: code)
    }
}
