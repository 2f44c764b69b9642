/// In which order the runs of two sides were recorded, which decides how they can be compared.
package enum RecordingOrder: Hashable, Sendable {
    /// In turns: runs of a pair, by their places on each side, stood next to each other.
    case paired([Pair])
    /// By their places on each side, the first first.
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

    /// By the runs' starts, nanoseconds of one clock.
    package init(base: [UInt64?], head: [UInt64?]) {
        var places: [(start: UInt64, place: Place)] = []
        for (index, start) in base.enumerated() {
            if let start { places.append((start, Place(isHead: false, index: index))) }
        }
        for (index, start) in head.enumerated() {
            if let start { places.append((start, Place(isHead: true, index: index))) }
        }
        // Two that began at once are copies of one another, or not of this world.
        guard places.count == base.count + head.count, Set(places.map(\.start)).count == places.count else {
            self = .unknown
            return
        }
        places.sort { $0.start < $1.start }
        let order = places.map(\.place)
        self = Self.pairs(order).map { .paired($0) } ?? .known(order)
    }

    /// Of a pair either may have been first.
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

    /// The order of all runs, as far as it is known.
    var places: [Place]? {
        switch self {
        case .unknown: nil
        case .known(let places): places
        // Which of a pair was first makes no difference to a line over all.
        case .paired(let pairs):
            pairs.enumerated().flatMap { number, pair in
                let places = [Place(isHead: false, index: pair.base), Place(isHead: true, index: pair.head)]
                return number.isMultiple(of: 2) ? places : places.reversed()
            }
        }
    }
}
