internal import ByteAccess
internal import PerfData

extension Session {
    /// How many events the kernel dropped. LOST records and the events' own counters tell of the same losses, each of a part where the
    /// recorder was killed or the kernel is old: the greater is the best that is known.
    ///
    /// - Parameter count: what the file's LOST and LOST_SAMPLES records add up to.
    package func lostEvents(byRecords count: UInt64) -> UInt64 {
        max(count, lostByEvent?.reduce(0) { $0.addingSaturating($1) } ?? 0, metadata?.end?.lost ?? 0)
    }

    /// By event of the file, as its own counter had it when the recording ended; `nil` where there are no such counters: the recorder
    /// was killed, it is none of ours, or the kernel is older than 6.0.
    package var lostByEvent: [UInt64]? {
        let known = metadata?.lostByID ?? [:]
        return known.isEmpty ? nil : file.events.map { $0.ids.lazy.compactMap { known[$0] }.first ?? 0 }
    }
}
