import PerfRecords

/// The records of several files as one chain: always from the file whose last record is the oldest.
///
/// Each ring's file is in the order of time already, and says nothing of rounds. So what is handed out is nearly in order, and a
/// round is over after each `roundSize` records: memory stays flat however long the files are.
///
///     data     ·························▶ first: it has no times (what was mapped before the recording began)
///     data.0   --a-----c----------f--▶
///     data.1   -----b-------d--e-----▶    a b c d e f
struct RecordMerge {
    private var walks: [RecordWalk]
    /// Of the last record of each file that has one; 0 before.
    private var times: [UInt64]

    private static let roundSize = 1 << 12

    init(_ parts: [Range<Int>]) {
        walks = parts.map(RecordWalk.init)
        times = [UInt64](repeating: 0, count: parts.count)
    }

    /// What ended a file's walk early, the first of them.
    ///
    /// `body` gets each record and returns its time, 0 for none. At the end of a round it gets the number of the file that was read
    /// last, with the record that ends the round once more.
    mutating func run(
        _ bytes: borrowing RawSpan, _ body: (_ endOfRound: Int?, RecordHeader, Int) -> UInt64
    ) -> Damage? {
        var living = Array(walks.indices)
        var count = 0
        while !living.isEmpty {
            // The oldest, and how far it may be read before another is: CPUs record in stretches.
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
