/// One metric of one scope, on both sides.
package struct ComparedRow: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable {
        case worse, better
        /// The interval of the change lies within the threshold, or an exact count did not change.
        case same
        case inconclusive
    }

    /// Why a row is inconclusive.
    package enum Reason: Hashable, Sendable {
        /// The metric is unknown on one side or both.
        case notKnown
        /// A session was cut short or lost events, which can make a figure look worse.
        case incomplete
        /// No test of this few runs can reach the level; `needed` runs per side could.
        case tooFewRuns(needed: Int)
        /// The sides were not recorded in turns, and drift of the machine would explain the change as well.
        case drift
        /// About `wouldDo` runs per side would decide if the noise stays the same; `nil` if that is unknown, or too
        /// many.
        case noise(wouldDo: Int?)
    }

    /// One side's runs.
    package struct Side: Hashable, Sendable {
        /// The mean of the known values: geometric for times (arithmetic if one is below 1 ns), arithmetic for counts.
        /// Nanoseconds, or a number.
        package var centre: Double?
        package var smallest: Double?
        package var largest: Double?
        package var runs: Int
        /// One value per run; `nil` if it is not known.
        package var values: [Double?]
    }

    package var scope: Scope
    package var metric: Metric
    package var isGate: Bool
    package var base: Side
    package var head: Side
    /// Head divided by base; `nil` if either is unknown, or the base is 0.
    package var ratio: Double?
    /// The confidence interval of the ratio.
    package var interval: ClosedRange<Double>?
    /// The two-sided p-value, corrected for the number of gates if the row is one. `nil` if nothing was tested.
    package var p: Double?
    package var verdict: Verdict
    package var reason: Reason?
    /// Whether the counts never varied on either side, and so were compared directly.
    package var isExact: Bool
}
