internal import ByteAccess
internal import PerfData

extension Session {
    /// How many events the kernel dropped. LOST records and the events' own counters count the same losses. Each may be
    /// incomplete, if the recorder was killed or the kernel is old, so the greatest count is the best one.
    ///
    /// - Parameter count: the sum of the file's LOST and LOST_SAMPLES records.
    package func lostEvents(byRecords count: UInt64) -> UInt64 {
        max(count, lostByEvent?.reduce(0) { $0.addingSaturating($1) } ?? 0, metadata?.end?.lost ?? 0)
    }

    /// Lost events by event of the file, as its own counter had them when the recording ended; `nil` if there are no
    /// such counters: the recorder was killed or is not Spawnscope, or the kernel is older than 6.0.
    package var lostByEvent: [UInt64]? {
        let known = metadata?.lostByID ?? [:]
        return known.isEmpty ? nil : file.events.map { $0.ids.lazy.compactMap { known[$0] }.first ?? 0 }
    }
}
