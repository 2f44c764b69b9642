/// One metric of one scope, on both sides.
public struct ComparedRow: Hashable, Sendable {
    public enum Verdict: String, Hashable, Sendable {
        case worse, better
        /// The interval of the change lies within the threshold; of a count, there is none.
        case same
        case inconclusive
    }

    /// Why it cannot be told.
    public enum Reason: Hashable, Sendable {
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
    public struct Side: Hashable, Sendable {
        /// Of the runs that tell: the geometric mean of times, the mean of counts. Nanoseconds, or a number.
        public var centre: Double?
        public var smallest: Double?
        public var largest: Double?
        public var runs: Int
        /// Run by run.
        public var values: [Double?]
    }

    public var scope: Scope
    public var metric: Metric
    public var isGate: Bool
    public var base: Side
    public var head: Side
    /// Head by base; `nil` where one is not known, or the base's is 0.
    public var ratio: Double?
    /// Of the ratio.
    public var interval: ClosedRange<Double>?
    /// Two-sided; of a gate corrected for the number of gates. `nil` where nothing was tested.
    public var p: Double?
    public var verdict: Verdict
    public var reason: Reason?
    /// Both sides' counts never varied, and were compared as they are.
    public var isExact: Bool
}
