internal import PerfRecords

/// The name of the recorder's own probe in its sessions.
package enum LifecycleProbe {
    /// Entry of `__libc_start_main`.
    package static let linked = "spawnscope:linked"
}

/// The events that count the calls of functions.
package enum ProbeEvent {
    package static let prefix = "probe_"

    /// Whether an event is such a probe: a uprobe, whose PMU type the kernel assigns above the fixed ones. perf's own
    /// probes are tracepoints.
    package static func isProbe(name: String, type: UInt32) -> Bool {
        name.hasPrefix(prefix) && type > EventAttributes.Kind.breakpoint
    }
}
