internal import ByteAccess
internal import PerfData
internal import PerfRecords
internal import Session

/// What the kernel dropped, reported twice: by LOST records, and by each event's own counter (PERF_FORMAT_LOST, kernel
/// 6.0). The two describe the same losses and are never added.
package struct Losses: Hashable, Sendable {
    /// From LOST and LOST_SAMPLES records, by event of the file. The ring that all events of a CPU share counts losses
    /// for all of them, and the next event that finds room reports them under its own id, so only the sum is
    /// meaningful. Losses after the last such record are not included.
    package internal(set) var recorded: [UInt64]
    /// From the events' own counters, read when the recording ended. `nil` if the session has none: its recorder was
    /// killed, another program recorded it, or the kernel is older than 6.0.
    package let counted: [UInt64]?

    package var recordedTotal: UInt64 { Self.sum(recorded) }
    package var countedTotal: UInt64? { counted.map(Self.sum) }
    /// The best known figure.
    package var total: UInt64 { max(recordedTotal, countedTotal ?? 0) }

    init(_ session: Session) {
        recorded = Array(repeating: 0, count: session.file.events.count)
        counted = session.lostByEvent
    }

    private static func sum(_ counts: [UInt64]) -> UInt64 {
        counts.reduce(0) { $0.addingSaturating($1) }
    }
}
