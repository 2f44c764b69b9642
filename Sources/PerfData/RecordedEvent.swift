public import PerfRecords

/// One event of a session: what was counted, and how its records are laid out.
public struct RecordedEvent: Sendable {
    /// As perf shows it, modifiers included (`cycles:P`, `sched:sched_process_exec`).
    public var name: String
    public var attributes: EventAttributes
    public var layout: RecordLayout
    public var ids: [UInt64]
    /// The fields of a tracepoint's raw bytes, where the session carries them.
    public var tracepoint: TracepointFormat?
}

extension RecordedEvent {
    init(attributes: EventAttributes, ids: [UInt64], name: String?, formats: [UInt64: TracepointFormat]) {
        self.attributes = attributes
        self.ids = ids
        layout = RecordLayout(attributes)
        let isTracepoint = attributes.type == EventAttributes.Kind.tracepoint
        tracepoint = isTracepoint ? formats[attributes.config] : nil
        self.name = name ?? tracepoint?.qualifiedName ?? attributes.conventionalName
    }
}

extension EventAttributes {
    /// The name that perf gives an event whose name was not recorded.
    public var conventionalName: String {
        let modifiers = self.modifiers
        return modifiers.isEmpty ? baseName : "\(baseName):\(modifiers)"
    }

    private static let hardwareNames = [
        "cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
        "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
    ]
    private static let softwareNames = [
        "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults", "major-faults",
        "alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches",
    ]

    private var baseName: String {
        func named(_ names: [String], _ kind: String) -> String {
            guard let index = Int(exactly: config), names.indices.contains(index) else { return "unknown-\(kind)" }
            return names[index]
        }
        switch type {
        case Kind.hardware: return named(Self.hardwareNames, "hardware")
        case Kind.software: return named(Self.softwareNames, "software")
        case Kind.tracepoint: return "unknown tracepoint"
        case Kind.raw: return "raw 0x" + String(config, radix: 16)
        case Kind.breakpoint: return "mem:0x" + String(config1, radix: 16)
        default: return "type\(type):0x" + String(config, radix: 16)
        }
    }

    /// `u`, `k`, `h`, then `p`s, then `H`, `G`, as perf's evsel__add_modifiers decides on them.
    private var modifiers: String {
        var text = ""
        let excluded = flags.intersection([.excludeUser, .excludeKernel, .excludeHypervisor])
        if !excluded.isEmpty {
            if !flags.contains(.excludeUser) { text += "u" }
            if !flags.contains(.excludeKernel) { text += "k" }
            if !flags.contains(.excludeHypervisor) { text += "h" }
        }
        text += String(repeating: "p", count: precise)
        if !flags.isDisjoint(with: [.excludeHost, .excludeGuest]) {
            if !flags.contains(.excludeHost) { text += "H" }
            if !flags.contains(.excludeGuest) { text += "G" }
        }
        return text
    }
}
