import Glibc
import PerfData
import PerfRecords

/// The breakpoint on `__libc_start_main`, where the dynamic linker is done and the program proper begins: what ends `link`.
///
/// One uprobe for the libc that this machine's programs map, told by its file: other libcs (a container's, musl) and static
/// programs do not meet it. Never a return probe: those break programs that move their stacks.
struct LinkProbe: Hashable {
    /// The libc's file.
    let path: String
    /// Of the function's first byte in the file.
    let offset: UInt64

    static let symbol = "__libc_start_main"

    /// `nil` where this program is linked with no such libc, or it has not the symbol.
    init?(symbolOffset: (_ path: String, _ symbol: String) -> UInt64?) {
        guard let path = Self.mappedLibc(), let offset = symbolOffset(path, Self.symbol) else { return nil }
        self.path = path
        self.offset = offset
    }

    /// The libc that this process itself has mapped.
    private static func mappedLibc() -> String? {
        guard let maps = try? readFile("/proc/self/maps", limit: 1 << 20) else { return nil }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
            let path = String(decoding: line[slash...], as: UTF8.self)
            if path.hasSuffix("/libc.so.6") { return path }
        }
        return nil
    }
}

extension EventPlan {
    /// Plans the probe; does nothing on a kernel without uprobes for perf.
    mutating func add(_ probe: LinkProbe, features: KernelFeatures) {
        guard let type = readNumber("/sys/bus/event_source/devices/uprobe/type") else { return }
        var attributes = Self.common(features: features, wakeup: events.first?.attributes.wakeup ?? 4096)
        attributes.type = UInt32(clamping: type)
        // config1 is the path's address and is set when the event is opened; config2 is the offset (perf_event_open(2)).
        attributes.config2 = probe.offset
        attributes.samplePeriod = 1
        events.append(PlannedEvent(name: LifecycleProbe.linked, attributes: attributes, probe: probe))
    }
}
