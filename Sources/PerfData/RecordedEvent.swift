public import PerfRecords

/// One event of a recording: what was counted, and how its records are laid out.
public struct RecordedEvent: Sendable {
    /// The name that perf shows, with modifiers (`cycles:P`, `sched:sched_process_exec`).
    public var name: String
    /// What was counted, and how.
    public var attributes: EventAttributes
    /// How its records are laid out, for `Record.decode(_:layout:)`.
    public var layout: RecordLayout
    /// The ids that its records carry, usually one per CPU or thread.
    public var ids: [UInt64]
    /// The recorder's name for it, if the recorder has names of its own (simpleperf: `cpu-cycles`).
    package var recorderName: String?
    /// The format of a tracepoint's raw bytes; `nil` for other events, or if the recording lacks the format.
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
