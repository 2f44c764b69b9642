internal import ByteAccess
package import SpawnModel

/// Statistics of many durations in nanoseconds: count, sum, smallest and largest are exact, quantiles to within 1%.
/// Memory does not grow with their number.
package struct PhaseStatistics: Hashable, Sendable {
    package private(set) var count = 0
    /// Saturating.
    package private(set) var sum: UInt64 = 0
    private var smallest = UInt64.max
    private var largest: UInt64 = 0
    private var histogram = DurationHistogram()

    package init() {}

    package var min: UInt64? { count == 0 ? nil : smallest }
    package var max: UInt64? { count == 0 ? nil : largest }
    /// `nil` if there are none.
    package var mean: UInt64? { count == 0 ? nil : sum / UInt64(count) }

    package mutating func add(_ duration: UInt64) {
        count += 1
        sum.addSaturating(duration)
        smallest = Swift.min(smallest, duration)
        largest = Swift.max(largest, duration)
        histogram.add(duration)
    }

    /// The smallest duration that `hundredths` of 100 do not exceed (nearest rank); `nil` if there are none.
    package func percentile(_ hundredths: Int) -> UInt64? {
        guard count > 0 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: hundredths)
        let rank = overflow ? count : (product + 99) / 100
        if rank <= 1 { return smallest }
        if rank >= count { return largest }
        let found = histogram.duration(rank: UInt64(rank)) ?? largest
        return Swift.min(Swift.max(found, smallest), largest)
    }
}

/// The statistics of every phase, of the overhead (the first six phases), and of whole spawns.
package struct PhaseTable: Hashable, Sendable {
    private var phases = [PhaseStatistics](repeating: PhaseStatistics(), count: Phase.allCases.count)
    /// Only of spawns for which it is known.
    package private(set) var overhead = PhaseStatistics()
    package private(set) var total = PhaseStatistics()

    package init() {}

    package subscript(phase: Phase) -> PhaseStatistics { phases[phase.rawValue] }

    mutating func add(_ spawn: Spawn) {
        let durations = spawn.phases
        for phase in Phase.allCases {
            if let duration = durations[phase] { phases[phase.rawValue].add(duration) }
        }
        if let duration = spawn.overhead { overhead.add(duration) }
        if let duration = spawn.total { total.add(duration) }
    }

    /// The sum over the phases of the overhead, including those of spawns for which not all are known.
    package var overheadSum: UInt64 {
        var sum: UInt64 = 0
        for phase in Phase.overhead { sum.addSaturating(self[phase].sum) }
        return sum
    }
}
