/// What the numbers of a profile count.
public struct WeightMeaning: Hashable, Sendable {
    public enum Unit: Hashable, Sendable {
        case count, nanoseconds
    }

    /// `spawns`, `samples`, `overhead`, a phase, or an event.
    public var name: String
    public var unit: Unit

    public init(name: String, unit: Unit) {
        self.name = name
        self.unit = unit
    }
}
