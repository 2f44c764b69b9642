/// A histogram of durations, accurate to 0.05%: 1024 equally wide classes for each power of two, stored only if they
/// are not empty. Memory grows with the spread of the durations, not with their number.
struct DurationTally: Hashable, Sendable {
    private(set) var count = 0
    private(set) var sum: UInt64 = 0
    private var counts: [UInt32: UInt32] = [:]

    mutating func add(_ duration: UInt64) {
        count += 1
        let (total, overflow) = sum.addingReportingOverflow(duration)
        sum = overflow ? .max : total
        counts[Self.place(of: duration), default: 0] &+= 1
    }

    /// The median in nanoseconds, halfway between the two middle ones for an even count; `nil` if there are none.
    var median: Double? {
        guard count > 0 else { return nil }
        var seen = 0
        var lower: Double?
        for (place, times) in counts.sorted(by: { $0.key < $1.key }) {
            seen += Int(times)
            if lower == nil, seen * 2 >= count { lower = Self.middle(place) }
            if let lower, seen * 2 > count { return (lower + Self.middle(place)) / 2 }
        }
        return lower
    }

    private static func place(of duration: UInt64) -> UInt32 {
        guard duration >= 1024 else { return UInt32(duration) }
        let shift = 53 - duration.leadingZeroBitCount
        return UInt32(shift + 1) << 10 | UInt32(truncatingIfNeeded: duration >> UInt64(shift) & 1023)
    }

    private static func middle(_ place: UInt32) -> Double {
        guard place >= 1024 else { return Double(place) }
        let shift = UInt64(place >> 10) - 1
        let width: UInt64 = 1 << shift
        return Double(UInt64(1024 + place & 1023) << shift) + Double(width - 1) / 2
    }
}
