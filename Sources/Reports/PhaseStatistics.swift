public import SpawnModel

/// What is said of many durations, nanoseconds: count, sum, smallest and largest are exact, quantiles to within 1%. Its memory
/// does not grow with their number.
public struct PhaseStatistics: Hashable, Sendable {
    public private(set) var count = 0
    /// Saturating.
    public private(set) var sum: UInt64 = 0
    private var smallest = UInt64.max
    private var largest: UInt64 = 0
    private var histogram = DurationHistogram()

    public init() {}

    public var min: UInt64? { count == 0 ? nil : smallest }
    public var max: UInt64? { count == 0 ? nil : largest }
    /// `nil` of none.
    public var mean: UInt64? { count == 0 ? nil : sum / UInt64(count) }

    public mutating func add(_ duration: UInt64) {
        count += 1
        sum.addSaturating(duration)
        smallest = Swift.min(smallest, duration)
        largest = Swift.max(largest, duration)
        histogram.add(duration)
    }

    /// The smallest duration that `hundredths` of 100 do not exceed (the nearest rank); `nil` of none.
    public func percentile(_ hundredths: Int) -> UInt64? {
        guard count > 0 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: hundredths)
        let rank = overflow ? count : (product + 99) / 100
        if rank <= 1 { return smallest }
        if rank >= count { return largest }
        let found = histogram.duration(rank: UInt64(rank)) ?? largest
        return Swift.min(Swift.max(found, smallest), largest)
    }
}

/// The statistics of every phase, of the overhead that is the first six's, and of whole spawns.
public struct PhaseTable: Hashable, Sendable {
    private var phases = [PhaseStatistics](repeating: PhaseStatistics(), count: Phase.allCases.count)
    /// Of spawns of which each of its phases is known.
    public private(set) var overhead = PhaseStatistics()
    public private(set) var total = PhaseStatistics()

    public init() {}

    public subscript(phase: Phase) -> PhaseStatistics { phases[phase.rawValue] }

    mutating func add(_ spawn: Spawn) {
        let durations = spawn.phases
        for phase in Phase.allCases {
            if let duration = durations[phase] { phases[phase.rawValue].add(duration) }
        }
        if let duration = spawn.overhead { overhead.add(duration) }
        if let duration = spawn.total { total.add(duration) }
    }

    /// The sums of the phases of the overhead, those of spawns too of which not all are known.
    public var overheadSum: UInt64 {
        var sum: UInt64 = 0
        for phase in Phase.overhead { sum.addSaturating(self[phase].sum) }
        return sum
    }
}

extension UInt64 {
    package mutating func addSaturating(_ other: UInt64) {
        let (sum, overflow) = addingReportingOverflow(other)
        self = overflow ? .max : sum
    }

    package func subtractingSaturating(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }

    /// `self * factor / divisor`, saturating; 0 where the divisor is.
    func scaled(by factor: UInt64, over divisor: UInt64) -> UInt64 {
        guard divisor > 0 else { return 0 }
        let product = multipliedFullWidth(by: factor)
        guard product.high < divisor else { return .max }
        return divisor.dividingFullWidth(product).quotient
    }
}
