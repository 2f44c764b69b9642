public import PerfRecords

/// One event of a recording: what was counted, and how its records are laid out.
public struct RecordedEvent: Sendable {
    /// As perf shows it, modifiers included (`cycles:P`, `sched:sched_process_exec`).
    public var name: String
    /// What was counted, and how.
    public var attributes: EventAttributes
    /// How its records are laid out, for `Record.decode(_:layout:)`.
    public var layout: RecordLayout
    /// The ids by which its records name it, as a rule one a CPU or thread.
    public var ids: [UInt64]
    /// What a recorder calls it that has names of its own (simpleperf: `cpu-cycles`).
    package var recorderName: String?
    /// The fields of a tracepoint's raw bytes, where the recording carries them.
    public var tracepoint: TracepointFormat?
}

extension RecordedEvent {
    init(
        attributes: EventAttributes, ids: [UInt64], name: String?, formats: [UInt64: TracepointFormat],
        recorderName: String? = nil
    ) {
        self.attributes = attributes
        self.ids = ids
        layout = RecordLayout(attributes)
        let isTracepoint = attributes.type == EventAttributes.Kind.tracepoint
        tracepoint = isTracepoint ? formats[attributes.config] : nil
        self.recorderName = recorderName
        self.name =
            name ?? tracepoint?.qualifiedName ?? (attributes.isNamedByPerf ? nil : recorderName)
            ?? attributes.conventionalName
    }
}
