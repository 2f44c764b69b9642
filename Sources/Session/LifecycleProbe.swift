internal import PerfRecords

/// The name of the recorder's own probe in its sessions.
package enum LifecycleProbe {
    /// Entry of `__libc_start_main`.
    package static let linked = "spawnscope:linked"
}

/// The events of functions whose calls are counted.
package enum ProbeEvent {
    package static let prefix = "probe_"

    /// Whether an event is one: a breakpoint, whose kind has a number of the kernel's choice. perf's own probes are tracepoints.
    package static func isProbe(name: String, type: UInt32) -> Bool {
        name.hasPrefix(prefix) && type > EventAttributes.Kind.breakpoint
    }
}
