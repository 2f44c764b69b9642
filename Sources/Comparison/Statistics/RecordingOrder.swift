/// The order in which the runs of two sides were recorded, which decides how they can be compared.
package enum RecordingOrder: Hashable, Sendable {
    /// The sides took turns. Each pair holds the indices of two runs recorded next to each other.
    case paired([Pair])
    /// All runs in recording order, each by its side and its index there.
    case known([Place])
    case unknown

    package struct Pair: Hashable, Sendable {
        package var base: Int
        package var head: Int
    }

    package struct Place: Hashable, Sendable {
        package var isHead: Bool
        package var index: Int
    }

    /// Derives the order from the runs' start times, in nanoseconds of one clock.
    package init(base: [UInt64?], head: [UInt64?]) {
        var places: [(start: UInt64, place: Place)] = []
        for (index, start) in base.enumerated() {
            if let start { places.append((start, Place(isHead: false, index: index))) }
        }
        for (index, start) in head.enumerated() {
            if let start { places.append((start, Place(isHead: true, index: index))) }
        }
        // Runs with the same start are copies of one recording, or damaged.
        guard places.count == base.count + head.count, Set(places.map(\.start)).count == places.count else {
            self = .unknown
            return
        }
        places.sort { $0.start < $1.start }
        let order = places.map(\.place)
        self = Self.pairs(order).map { .paired($0) } ?? .known(order)
    }

    /// The pairs, in each of which either side may have come first; `nil` if the sides did not take turns.
    private static func pairs(_ order: [Place]) -> [Pair]? {
        guard order.count.isMultiple(of: 2), !order.isEmpty else { return nil }
        var pairs: [Pair] = []
        for start in stride(from: 0, to: order.count, by: 2) {
            let (first, second) = (order[start], order[start + 1])
            guard first.isHead != second.isHead else { return nil }
            pairs.append(
                first.isHead ? Pair(base: second.index, head: first.index) : Pair(base: first.index, head: second.index)
            )
        }
        return pairs
    }

    /// All runs in recording order; `nil` if it is not known.
    var places: [Place]? {
        switch self {
        case .unknown: nil
        case .known(let places): places
        // Which run of a pair came first makes no difference to a line fitted to all runs.
        case .paired(let pairs):
            pairs.enumerated().flatMap { number, pair in
                let places = [Place(isHead: false, index: pair.base), Place(isHead: true, index: pair.head)]
                return number.isMultiple(of: 2) ? places : places.reversed()
            }
        }
    }
}
