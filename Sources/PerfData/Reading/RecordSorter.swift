/// Sorts records by time while holding only as many as the file's rounds require.
///
/// The recorder drains every ring and then writes FINISHED_ROUND. A record of round *n* may be older than one of round
/// *n − 1* (it was written to its ring while another ring was drained), but none of round *n + 1* is older than the
/// newest of round *n − 1*:
///
///     round 1       round 2       round 3
///     |---a-----|   |-----b---|   |------c--|      end of round 2: everything up to `a`'s time may go
///           max 1 ─────────────▶ limit of the flush at the end of round 2
///
/// So at the end of each round everything up to the newest time of the round before is final. Entries hold a time and
/// a position; the records stay in the file.
struct RecordSorter {
    struct Entry {
        var time: UInt64
        /// The record's file offset shifted left by 16, and the event's index below; so ties keep the file's order.
        var place: UInt64
    }

    private var entries: [Entry] = []
    private var limit: UInt64 = 0
    private var newest: UInt64 = 0
    private var delivered: UInt64 = 0
    /// Records appended after a newer one had been delivered.
    private(set) var lateCount = 0

    mutating func append(time: UInt64, offset: Int, event: Int) {
        if time > newest { newest = time }
        if time < delivered { lateCount &+= 1 }
        entries.append(Entry(time: time, place: UInt64(truncatingIfNeeded: offset) << 16 | UInt64(event & 0xffff)))
    }

    /// The lowest file offset of the records still held.
    func firstHeldOffset() -> Int? {
        entries.min { $0.place < $1.place }.map { Int($0.place >> 16) }
    }

    /// Ends a round; returns how many records are now final. They are the first ones; `removeFirst` removes them.
    mutating func finishRound() -> Int {
        defer { limit = newest }
        return flush(upTo: limit)
    }

    mutating func finish() -> Int { flush(upTo: .max) }

    subscript(index: Int) -> (offset: Int, event: Int) {
        let place = entries[index].place
        return (Int(place >> 16), Int(place & 0xffff))
    }

    mutating func removeFirst(_ count: Int) { entries.removeFirst(count) }

    private mutating func flush(upTo limit: UInt64) -> Int {
        guard !entries.isEmpty, limit > 0 else { return 0 }
        // The records of each ring are already in order; the standard library's merge sort uses such runs.
        entries.sort { $0.time != $1.time ? $0.time < $1.time : $0.place < $1.place }
        var count = 0
        while count < entries.count, entries[count].time <= limit { count &+= 1 }
        if count > 0 { delivered = max(delivered, entries[count &- 1].time) }
        return count
    }
}
