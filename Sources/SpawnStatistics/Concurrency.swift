internal import ByteAccess

/// How many spawns were alive at once over a session's time, in a fixed number of buckets. Their width doubles whenever
/// a time lies beyond the last bucket, so that memory does not grow with the session.
package struct Concurrency: Hashable, Sendable {
    package static let bucketCount = 128
    /// Nanoseconds; the first width covers sessions of up to 128 ms.
    package private(set) var width: UInt64 = 1_000_000
    /// Nanoseconds that spawns lived within each bucket, saturating.
    private var lived = [UInt64](repeating: 0, count: bucketCount)
    private let start: UInt64
    private var order = EndOrder()
    private var tally = PeakTally()
    /// The latest time that was seen, relative to `start`.
    private var last: UInt64 = 0

    /// Times before `start` count as `start`.
    package init(start: UInt64) { self.start = start }

    /// Adds a spawn that lived from one time to another, in at most `bucketCount` steps.
    mutating func add(from began: UInt64, to ended: UInt64) {
        let began = began.subtractingSaturating(start)
        let ended = max(ended.subtractingSaturating(start), began)
        last = max(last, ended)
        if let next = order.add(EndOrder.Stretch(began: began, ended: ended)) {
            tally.add(from: next.began, to: next.ended)
        }
        while ended / width >= UInt64(Self.bucketCount) { double() }
        let (first, final) = (Int(began / width), Int(ended / width))
        for bucket in first...final {
            let from = max(began, UInt64(bucket) * width)
            // The end of the last bucket may overflow.
            let (next, overflow) = (UInt64(bucket) + 1).multipliedReportingOverflow(by: width)
            lived[bucket].addSaturating(min(ended, overflow ? .max : next) - from)
        }
    }

    private mutating func double() {
        for bucket in 0..<Self.bucketCount / 2 {
            var sum = lived[bucket * 2]
            sum.addSaturating(lived[bucket * 2 + 1])
            lived[bucket] = sum
        }
        for bucket in Self.bucketCount / 2..<Self.bucketCount { lived[bucket] = 0 }
        width *= 2
    }

    /// The mean number of spawns alive in each of at most `count` equal stretches, until the last spawn's end.
    package func means(_ count: Int) -> [Double] {
        let used = Int(last / width) + 1
        let group = max(1, (used + max(count, 1) - 1) / max(count, 1))
        return stride(from: 0, to: used, by: group).map { bucket in
            let buckets = bucket..<min(bucket + group, used)
            // The last bucket is used only as far as the last spawn lived.
            let end = min(Double(buckets.upperBound) * Double(width), Double(last))
            let length = max(end - Double(bucket) * Double(width), 1)
            return lived[buckets].reduce(0) { $0 + Double($1) } / length
        }
    }

    /// The largest number alive at any one moment.
    package var peak: Int {
        var tally = tally
        for stretch in order.rest { tally.add(from: stretch.began, to: stretch.ended) }
        return tally.peak
    }

    /// The mean number alive over the whole time.
    package var mean: Double { lived.reduce(0) { $0 + Double($1) } / Double(max(last, 1)) }
}
