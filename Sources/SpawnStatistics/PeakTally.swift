/// The most stretches that cover any one moment, exactly, in memory that grows with that number and not with the stretches.
///
/// Stretches come in the order of their ends. One that comes later then ends later, too: whatever it adds to a moment it adds to all
/// known moments after that. A moment that has no more than a later one never gets ahead, and is forgotten; those that are left
/// have strictly fewer the later they are.
struct PeakTally: Hashable, Sendable {
    /// A moment, and by how much it has more than the next.
    private struct Moment: Hashable {
        var time: UInt64
        var excess: Int
    }
    private var moments: [Moment] = []

    /// The first has the most: what it has more than the next, and the next than the one after that.
    var peak: Int { moments.reduce(0) { $0 + $1.excess } }

    /// From `began`, exclusively, to `ended`. One that ended before the last is counted where that is still known.
    mutating func add(from began: UInt64, to ended: UInt64) {
        guard ended > began else { return }
        if ended > moments.last?.time ?? 0 { moments.append(Moment(time: ended, excess: 0)) }
        // All moments of the stretch gain one, so that the last of them is further ahead of the next, and the one before the first less.
        let first = firstMoment(after: began)
        let end = firstMoment(after: ended)
        guard first < end else { return }
        moments[end - 1].excess += 1
        if first > 0 {
            moments[first - 1].excess -= 1
            if moments[first - 1].excess == 0 { moments.remove(at: first - 1) }
        }
    }

    /// The index of the first moment later than a time, by halving.
    private func firstMoment(after time: UInt64) -> Int {
        var (low, high) = (0, moments.count)
        while low < high {
            let middle = (low + high) / 2
            if moments[middle].time > time { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Puts stretches into the order of their ends: spawns are known when they were reaped.
struct EndOrder: Hashable, Sendable {
    struct Stretch: Hashable, Sendable {
        var began: UInt64
        var ended: UInt64
    }

    /// Those that wait, a heap with the earliest end first.
    private var heap: [Stretch] = []
    /// One that is reaped after so many others have been may come too late to be counted beside all of those.
    static let most = 65536

    /// Adds one; hands out the earliest once there are more than wait.
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

    /// All that wait, in order.
    var rest: [Stretch] { heap.sorted { $0.ended < $1.ended } }
}
