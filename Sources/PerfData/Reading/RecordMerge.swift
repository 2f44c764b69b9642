import PerfRecords

/// Merges the records of several files: the next record comes from the file whose last record is the oldest.
///
/// Each ring's file is already in time order and has no FINISHED_ROUND records. So the merged records are nearly in
/// order, and a round is ended after every `roundSize` records, which bounds memory however long the files are.
///
///     data     ·························▶ first: it has no times (what was mapped before the recording began)
///     data.0   --a-----c----------f--▶
///     data.1   -----b-------d--e-----▶    a b c d e f
struct RecordMerge {
    private var walks: [RecordWalk]
    /// The time of the last record read from each file that had one; 0 before the first.
    private var times: [UInt64]

    private static let roundSize = 1 << 12

    init(_ parts: [Range<Int>]) {
        walks = parts.map(RecordWalk.init)
        times = [UInt64](repeating: 0, count: parts.count)
    }

    /// Calls `body` for each record; returns the damage of the first file whose walk ended early.
    ///
    /// `body` returns the record's time, 0 for none. At the end of a round it is called once more for the last record,
    /// with the index of that record's file as `endOfRound`.
    mutating func run(
        _ bytes: borrowing RawSpan, _ body: (_ endOfRound: Int?, RecordHeader, Int) -> UInt64
    ) -> Damage? {
        var living = Array(walks.indices)
        var count = 0
        while !living.isEmpty {
            // The file with the oldest time, and the time up to which it can be read before another file is the oldest.
            var oldest = 0
            var limit = UInt64.max
            for place in living.indices.dropFirst() {
                let time = times[living[place]]
                if time < times[living[oldest]] {
                    limit = times[living[oldest]]
                    oldest = place
                } else if time < limit {
                    limit = time
                }
            }
            let part = living[oldest]
            var hasEnded = true
            while let (header, offset) = walks[part].next(bytes) {
                let time = body(nil, header, offset)
                if time != 0, time != .max { times[part] = time }
                count &+= 1
                if count & (Self.roundSize &- 1) == 0 { _ = body(part, header, offset) }
                if times[part] > limit {
                    hasEnded = false
                    break
                }
            }
            if hasEnded { living.remove(at: oldest) }
        }
        return walks.lazy.compactMap(\.damage).first
    }
}
