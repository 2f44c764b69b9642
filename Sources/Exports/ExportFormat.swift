/// The formats for export. A new format needs a case here, a writer that `exporter(of:)` names, and words in the help of
/// `ExportCommand`, in docs/reference/formats.md and in docs/guide/other-tools.md.
package enum ExportFormat: String, CaseIterable, Hashable, Sendable {
    /// google/pprof's gzipped profile.proto.
    case pprof
    /// speedscope's own JSON.
    case speedscope
    /// Lines `outermost;…;innermost number`.
    case folded
    case csv
    case ndjson
    /// Trace events as read by Chrome's tracing, Perfetto and viztracer.
    case chrome

    /// Whether the format is not fit for a terminal.
    package var isBinary: Bool { self == .pprof }

    /// Whether it has sums by stack, and not a row or a slice for each spawn.
    package var isOfSums: Bool { self == .pprof || self == .speedscope }

    /// The parts of a session that the format has no place for.
    package var cannotCarry: String {
        switch self {
        case .pprof:
            "when a spawn happened, which process it was, exit statuses, sizes; what is not known adds 0"
        case .speedscope:
            "when a spawn happened, which process it was, mechanisms, outcomes, sizes; what is not known adds 0"
        case .folded: "more than one number for each stack"
        case .csv, .ndjson: "findings, failed creations, the paths of failed attempts"
        case .chrome: "stacks of samples, findings, failed creations, the paths of failed attempts"
        }
    }
}
