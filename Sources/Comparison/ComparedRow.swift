/// One metric of one scope, on both sides.
package struct ComparedRow: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable {
        case worse, better
        /// The interval of the change lies within the threshold; of a count, there is none.
        case same
        case inconclusive
    }

    /// Why it cannot be told.
    package enum Reason: Hashable, Sendable {
        /// On one side or both.
        case notKnown
        /// A session was cut short or lost events, which can make a figure look worse than it is.
        case incomplete
        /// No test of so few runs can pass the level; as many a side would do.
        case tooFewRuns(needed: Int)
        /// The sides were not recorded in turns, and a drift of the machine explains the change as well.
        case drift
        /// About as many runs a side would tell, if the noise stays what it is; `nil` where that is not known, or too many.
        case noise(wouldDo: Int?)
    }

    /// One side's runs.
    package struct Side: Hashable, Sendable {
        /// Of the runs that tell: the geometric mean of times, the mean of counts. Nanoseconds, or a number.
        package var centre: Double?
        package var smallest: Double?
        package var largest: Double?
        package var runs: Int
        /// Run by run.
        package var values: [Double?]
    }

    package var scope: Scope
    package var metric: Metric
    package var isGate: Bool
    package var base: Side
    package var head: Side
    /// Head by base; `nil` where one is not known, or the base's is 0.
    package var ratio: Double?
    /// Of the ratio.
    package var interval: ClosedRange<Double>?
    /// Two-sided; of a gate corrected for the number of gates. `nil` where nothing was tested.
    package var p: Double?
    package var verdict: Verdict
    package var reason: Reason?
    /// Both sides' counts never varied, and were compared as they are.
    package var isExact: Bool
}
