/// How two sides are compared.
public struct ComparisonOptions: Sendable {
    /// The smallest change of interest, as a part: 0.05 is 5%.
    public var threshold = 0.05
    /// The chance of any false `worse` or `better` among the gates together, if nothing changed.
    public var level = 0.01
    /// Of the intervals.
    public var confidence = 0.95
    public var gates = GateSelection()
    /// Times are shown, and are no gates.
    public var countsOnly = false
    public var ignoresFailure = false
    public var allowsDifferentMachines = false
    /// The two sides were recorded as two commands on purpose.
    public var expectsOtherCommand = false
    /// Random rearrangements of a gate's runs, where there are too many to try all. A 25th part of the level's half.
    public var draws = 9_999
    /// Random rearrangements of the runs for figures that are shown and gate nothing.
    public var drawsOfOthers = 1_999

    public init() {}
}
