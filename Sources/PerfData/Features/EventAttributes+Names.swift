package import PerfRecords

/// perf's names for events whose name was not recorded.
extension EventAttributes {
    /// The name that perf prints since 6.12; if it has none (`unknown attr type: 8`), one that distinguishes the event.
    package var conventionalName: String { modified(readableName, isHostNamed: isHostExcluded || isGuestExcluded) }

    /// Every name that some version of perf prints.
    package var conventionalNames: [String] {
        // perf prints no modifiers for an event that it does not know.
        guard let perfName else { return [conventionalName, "unknown attr type: \(type)"] }
        // Before 6.12 perf printed `H` and `G` if the host was excluded, or if `exclude_guest` equalled this default.
        let isGuestExcludedByDefault = isAnyLevelExcluded || precise > 0
        let isHostNamed = isHostExcluded || isGuestExcluded == isGuestExcludedByDefault
        return [conventionalName] + perfNames(perfName).map { modified($0, isHostNamed: isHostNamed) }
            + perfNames(perfName).map { modified($0, isHostNamed: isHostExcluded || isGuestExcluded) }
    }

    /// Whether perf has a name for the event; it has none for a tracepoint without its format or an event of a PMU.
    var isNamedByPerf: Bool {
        [Kind.hardware, Kind.software, Kind.hardwareCache, Kind.breakpoint].contains(type)
    }

    private static let hardwareNames = [
        "cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
        "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
    ]
    private static let softwareNames = [
        "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults", "major-faults",
        "alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches",
    ]
    /// The number of names known to perf before 6.2, which added the last two.
    private static let oldestSoftwareNames = 10

    private var readableName: String { perfName ?? "type\(type):0x" + String(config, radix: 16) }

    /// `nil` for an event of a PMU, for which perf prints only the number of its type.
    private var perfName: String? {
        func named(_ names: [String], _ kind: String) -> String {
            guard let index = Int(exactly: config), names.indices.contains(index) else { return "unknown-\(kind)" }
            return names[index]
        }
        switch type {
        case Kind.hardware: return named(Self.hardwareNames, "hardware")
        case Kind.software: return named(Self.softwareNames, "software")
        case Kind.tracepoint: return "unknown tracepoint"
        case Kind.hardwareCache: return cacheName
        case Kind.raw: return "raw 0x" + String(config, radix: 16)
        case Kind.breakpoint: return breakpointName
        default: return nil
        }
    }

    private func perfNames(_ name: String) -> [String] {
        let isNew = type == Kind.software && config >= UInt64(Self.oldestSoftwareNames)
        return isNew ? [name, "unknown-software"] : [name]
    }

    /// `L1-dcache-load-misses`: the first byte of `config` is the cache, the second the operation, then the result.
    private var cacheName: String {
        let caches = ["L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node"]
        let operations = [("load", "loads"), ("store", "stores"), ("prefetch", "prefetches")]
        let (cache, operation, result) = (Int(config & 255), Int(config >> 8 & 255), Int(config >> 16 & 255))
        guard cache < caches.count else { return "unknown-ext-hardware-cache-type" }
        guard operation < operations.count else { return "unknown-ext-hardware-cache-op" }
        guard result < 2 else { return "unknown-ext-hardware-cache-result" }
        // The instruction cache has no stores; the instruction TLB and the branch unit have only loads.
        let isOfLoads = cache == 4 || cache == 5
        guard operation == 0 || (!isOfLoads && (cache != 1 || operation == 2)) else { return "invalid-cache" }
        let (one, several) = operations[operation]
        return result == 0 ? "\(caches[cache])-\(several)" : "\(caches[cache])-\(one)-misses"
    }

    /// `mem:0x1000:rw`; the kinds of access are HW_BREAKPOINT_* of linux/hw_breakpoint.h.
    private var breakpointName: String {
        var access = ""
        for (bit, letter) in [(UInt32(1), "r"), (2, "w"), (4, "x")] where breakpointType & bit != 0 { access += letter }
        return "mem:0x" + String(config1, radix: 16) + ":" + access
    }

    private var isHostExcluded: Bool { flags.contains(.excludeHost) }
    private var isGuestExcluded: Bool { flags.contains(.excludeGuest) }
    private var isAnyLevelExcluded: Bool {
        !flags.isDisjoint(with: [.excludeUser, .excludeKernel, .excludeHypervisor])
    }

    /// Adds the modifiers `k`, `u`, `h`, then `p`s, then `H`, `G`, in the order of perf's evsel__add_modifiers.
    private func modified(_ name: String, isHostNamed: Bool) -> String {
        var text = ""
        if isAnyLevelExcluded {
            if !flags.contains(.excludeKernel) { text += "k" }
            if !flags.contains(.excludeUser) { text += "u" }
            if !flags.contains(.excludeHypervisor) { text += "h" }
        }
        text += String(repeating: "p", count: precise)
        if isHostNamed {
            if !isHostExcluded { text += "H" }
            if !isGuestExcluded { text += "G" }
        }
        return text.isEmpty ? name : "\(name):\(text)"
    }
}
