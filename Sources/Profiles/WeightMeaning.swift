/// What the numbers of a profile count.
package struct WeightMeaning: Hashable, Sendable {
    package enum Unit: Hashable, Sendable {
        case count, nanoseconds
    }

    /// `spawns`, `samples`, `overhead`, a phase, or an event.
    package var name: String
    package var unit: Unit

    package init(name: String, unit: Unit) {
        self.name = name
        self.unit = unit
    }
}
