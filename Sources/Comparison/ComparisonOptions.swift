/// How two sides are compared.
package struct ComparisonOptions: Sendable {
    /// The smallest change of interest, as a part: 0.05 is 5%.
    package var threshold = 0.05
    /// The chance of any false `worse` or `better` among the gates together, if nothing changed.
    package var level = 0.01
    /// Of the intervals.
    package var confidence = 0.95
    package var gates = GateSelection()
    /// Times are shown, and are no gates.
    package var countsOnly = false
    package var ignoresFailure = false
    package var allowsDifferentMachines = false
    /// The two sides were recorded as two commands on purpose.
    package var expectsOtherCommand = false
    /// Random rearrangements of a gate's runs, where there are too many to try all. A 25th part of the level's half.
    package var draws = 9_999
    /// Random rearrangements of the runs for figures that are shown and gate nothing.
    package var drawsOfOthers = 1_999

    package init() {}
}
