/// The exact maximum number of stretches that cover any one moment, in memory that grows with that number, not with the
/// number of stretches.
///
/// Stretches come in the order of their ends, so that a new one that covers a known moment also covers all known later
/// ones. A moment that is covered no more often than a later one can never get ahead, and is forgotten; of those that
/// remain, each has strictly fewer than the one before.
struct PeakTally: Hashable, Sendable {
    /// A moment, and by how much its count exceeds that of the next.
    private struct Moment: Hashable {
        var time: UInt64
        var excess: Int
    }
    private var moments: [Moment] = []

    /// The first moment has the highest count, which is the sum of all excesses.
    var peak: Int { moments.reduce(0) { $0 + $1.excess } }

    /// Adds a stretch from `began`, exclusive, to `ended`. If it ended before the last one, it is counted at the
    /// moments that are still known.
    mutating func add(from began: UInt64, to ended: UInt64) {
        guard ended > began else { return }
        if ended > moments.last?.time ?? 0 { moments.append(Moment(time: ended, excess: 0)) }
        // All moments of the stretch gain one: the last gets further ahead of the next, and the one before less.
        let first = firstMoment(after: began)
        let end = firstMoment(after: ended)
        guard first < end else { return }
        moments[end - 1].excess += 1
        if first > 0 {
            moments[first - 1].excess -= 1
            if moments[first - 1].excess == 0 { moments.remove(at: first - 1) }
        }
    }

    /// The index of the first moment later than a time, by binary search.
    private func firstMoment(after time: UInt64) -> Int {
        var (low, high) = (0, moments.count)
        while low < high {
            let middle = (low + high) / 2
            if moments[middle].time > time { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Sorts stretches by their ends: a spawn is known only when it has been reaped.
struct EndOrder: Hashable, Sendable {
    struct Stretch: Hashable, Sendable {
        var began: UInt64
        var ended: UInt64
    }

    /// Those that wait: a heap with the earliest end first.
    private var heap: [Stretch] = []
    /// How many wait at most. A spawn reaped after so many others may come too late to be counted beside them all.
    static let most = 65536

    /// Adds a stretch; returns the earliest if more than `most` wait.
    mutating func add(_ stretch: Stretch) -> Stretch? {
        heap.append(stretch)
        var place = heap.count - 1
        while place > 0, heap[place].ended < heap[(place - 1) / 2].ended {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return heap.count > Self.most ? takeFirst() : nil
    }

    private mutating func takeFirst() -> Stretch? {
        guard let last = heap.popLast(), let first = heap.first else { return nil }
        heap[0] = last
        var place = 0
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { return first }
            let right = left + 1
            let child = right < heap.count && heap[right].ended < heap[left].ended ? right : left
            guard heap[child].ended < heap[place].ended else { return first }
            heap.swapAt(place, child)
            place = child
        }
    }

    /// All that wait, in the order of their ends.
    var rest: [Stretch] { heap.sorted { $0.ended < $1.ended } }
}
