import LinuxSystem
import PerfRecords

/// A place in a file's code at which the kernel writes a sample, in any process that gets there (uprobe).
///
/// Only at function entries, never a return probe: those break programs that move their stacks.
struct Breakpoint: Hashable {
    let path: String
    /// Offset in the file, in bytes.
    let offset: UInt64
}

extension EventPlan {
    /// Plans an event for a breakpoint; false if this kernel has no uprobes for perf.
    mutating func add(
        _ breakpoint: Breakpoint, name: String, isAsked: Bool = false, features: KernelFeatures,
        configure: (inout EventAttributes) -> Void = { _ in }
    ) -> Bool {
        guard let type = SystemFile.number("/sys/bus/event_source/devices/uprobe/type") else { return false }
        var attributes = Self.common(features: features, wakeup: events.first?.attributes.wakeup ?? 4096)
        attributes.type = UInt32(clamping: type)
        // config1 is the path's address and is set when the event is opened; config2 is the offset (perf_event_open(2)).
        attributes.config2 = breakpoint.offset
        attributes.samplePeriod = 1
        configure(&attributes)
        events.append(
            PlannedEvent(name: name, attributes: attributes, isAsked: isAsked, breakpoint: breakpoint))
        return true
    }
}
