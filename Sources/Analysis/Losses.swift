internal import ByteAccess
internal import PerfData
internal import PerfRecords
internal import Session

/// What the kernel dropped, told twice: by LOST records, and by each event's own counter (PERF_FORMAT_LOST, kernel 6.0).
/// The two describe the same losses and are never added.
package struct Losses: Hashable, Sendable {
    /// By LOST and LOST_SAMPLES records, by event of the file. The ring that all events of a CPU share counts for all of them,
    /// and the next event that finds room reports it under its own id: only the sum says something of what was lost. Losses
    /// after the last such record are in none.
    package internal(set) var recorded: [UInt64]
    /// By the events' own counters, read when the recording ended; `nil` where the session has none: its recorder was killed,
    /// it is none of ours, or the kernel is older.
    package let counted: [UInt64]?

    package var recordedTotal: UInt64 { Self.sum(recorded) }
    package var countedTotal: UInt64? { counted.map(Self.sum) }
    /// The best there is.
    package var total: UInt64 { max(recordedTotal, countedTotal ?? 0) }

    init(_ session: Session) {
        recorded = Array(repeating: 0, count: session.file.events.count)
        counted = session.lostByEvent
    }

    private static func sum(_ counts: [UInt64]) -> UInt64 {
        counts.reduce(0) { $0.addingSaturating($1) }
    }
}
