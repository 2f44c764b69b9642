/// How often each duration occurred, to within 1%: 64 equally wide buckets for each power of two, so that a bucket's
/// middle is off by at most 1/128. Below 128 ns it is exact.
///
/// A row of buckets is made when a duration first falls into its power of two. One phase of one call site needs a few
/// of them, so that a histogram has some hundreds of bytes, and never more than 59 rows.
struct DurationHistogram: Hashable, Sendable {
    private static let rowLength = 64
    /// By power of two: the number of its row in `counts`, from 1; 0 for none.
    private var rows = InlineArray<59, UInt8>(repeating: 0)
    private var counts: [UInt32] = []

    /// Increments one counter, without a search, and without an allocation except for a new row.
    mutating func add(_ duration: UInt64) {
        let (row, bucket) = Self.place(of: duration)
        if rows[row] == 0 {
            counts.append(contentsOf: repeatElement(0, count: Self.rowLength))
            rows[row] = UInt8(truncatingIfNeeded: counts.count / Self.rowLength)
        }
        let index = (Int(rows[row]) &- 1) &* Self.rowLength &+ bucket
        if counts[index] < .max { counts[index] &+= 1 }
    }

    /// The middle of the bucket that holds the duration of this rank; the smallest has rank 1. `nil` beyond the last.
    func duration(rank: UInt64) -> UInt64? {
        var seen: UInt64 = 0
        for row in rows.indices where rows[row] != 0 {
            let start = (Int(rows[row]) &- 1) &* Self.rowLength
            for bucket in 0..<Self.rowLength {
                seen &+= UInt64(counts[start &+ bucket])
                if seen >= rank { return Self.middle(row, bucket) }
            }
        }
        return nil
    }

    private static func place(of duration: UInt64) -> (row: Int, bucket: Int) {
        guard duration >= 64 else { return (0, Int(duration)) }
        let exponent = 63 &- duration.leadingZeroBitCount
        return (exponent &- 5, Int((duration >> UInt64(exponent &- 6)) & 63))
    }

    private static func middle(_ row: Int, _ bucket: Int) -> UInt64 {
        guard row > 0 else { return UInt64(bucket) }
        let shift = UInt64(row &- 1)
        let width: UInt64 = 1 << shift
        return (UInt64(64 &+ bucket) << shift) &+ (width &- 1) / 2
    }

    static func == (left: Self, right: Self) -> Bool {
        left.counts == right.counts && left.rows.indices.allSatisfy { left.rows[$0] == right.rows[$0] }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(counts) }
}
