/// How two sides are compared.
package struct ComparisonOptions: Sendable {
    /// The smallest change of interest, as a fraction: 0.05 is 5%.
    package var threshold = 0.05
    /// The chance of any false `worse` or `better` among all gates together if nothing changed.
    package var level = 0.01
    /// The confidence level of the intervals.
    package var confidence = 0.95
    package var gates = GateSelection()
    /// Whether times are only shown and never gates.
    package var countsOnly = false
    package var ignoresFailure = false
    package var allowsDifferentMachines = false
    /// Whether the two sides run different commands on purpose.
    package var expectsOtherCommand = false
    /// Random rearrangements of a gate's runs, when there are too many to try all. The smallest two-sided p-value is
    /// then 0.0002, a 50th of the default `level`.
    package var draws = 9_999
    /// Random rearrangements of the runs for figures that are shown but gate nothing.
    package var drawsOfOthers = 1_999

    package init() {}
}
