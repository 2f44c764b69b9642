internal import Profiles

/// The position of each frame, in weights from the left and levels from the root, independent of drawing.
///
/// Frames are in depth-first order from the root, siblings by name. Frames that are too narrow or too deep are left out
/// with their descendants, and counted. Drawn frames move to the left, so that the room of both is on the right.
struct FlameLayout {
    struct Extent: Hashable {
        /// The distance from the left edge, in weights of its side.
        var start: UInt64 = 0
        var width: UInt64 = 0
        var end: UInt64 { start &+ width }
    }

    struct Frame {
        var node: Int
        /// The index in `frames` of its parent; the root is its own parent.
        var parent: Int
        var depth: Int
        var head: Extent
        /// Empty if there is no base.
        var base: Extent
        /// Whether it is every second of its siblings.
        var isOdd: Bool
    }

    struct LeftOut: Hashable {
        var frames = 0
        /// The weight of the outermost of them, which contain the others.
        var weight: UInt64 = 0
    }

    private(set) var frames: [Frame] = []
    private(set) var narrow = LeftOut()
    private(set) var deep = LeftOut()
    /// The number of levels, the root's included.
    private(set) var depth = 1

    init(_ pair: ProfilePair, _ limits: LayoutLimits) {
        let nodeDepths = Self.depths(pair.tree)
        let shares = Self.shares(pair)
        let least = Self.leastShare(zip(shares, nodeDepths).filter { $0.1 < limits.mostDepth }.map(\.0), limits)
        var isDrawn = [Bool](repeating: false, count: shares.count)
        isDrawn[0] = true
        for node in shares.indices.dropFirst() {
            // A frame with a share of 0 has none of this weight.
            guard shares[node] > 0 else { continue }
            let parentIsDrawn = isDrawn[Int(pair.tree.parents[node])]
            if nodeDepths[node] >= limits.mostDepth {
                deep.count(pair.headTotals[node], isOutermost: parentIsDrawn)
            } else if shares[node] < least {
                narrow.count(pair.headTotals[node], isOutermost: parentIsDrawn)
            } else {
                isDrawn[node] = true
            }
        }
        place(pair, Self.children(pair, isDrawn))
    }

    private static func depths(_ tree: CallTree) -> [Int] {
        var depths = [Int](repeating: 0, count: tree.nodeCount)
        for node in depths.indices.dropFirst() { depths[node] = depths[Int(tree.parents[node])] + 1 }
        return depths
    }

    /// Each frame's share of the whole, the larger one of both sides. No frame's share exceeds its parent's.
    private static func shares(_ pair: ProfilePair) -> [Double] {
        let head = max(Double(pair.headTotal), 1)
        let base = max(Double(pair.baseTotal), 1)
        return pair.headTotals.indices.map { node in
            max(Double(pair.headTotals[node]) / head, pair.isComparison ? Double(pair.baseTotals[node]) / base : 0)
        }
    }

    /// The smallest share that is drawn: as small as the limits allow without too many frames.
    private static func leastShare(_ shares: [Double], _ limits: LayoutLimits) -> Double {
        let wide = shares.filter { $0 >= limits.leastShare && $0 > 0 }
        guard wide.count > limits.mostFrames else { return limits.leastShare }
        // Frames as wide as the first one over the limit are left out, too: any order among equals would be arbitrary.
        return wide.sorted(by: >)[max(limits.mostFrames, 0)].nextUp
    }

    /// The drawn children of each node, sorted by name.
    private static func children(_ pair: ProfilePair, _ isDrawn: [Bool]) -> ChildNodes {
        let names = pair.tree.names
        var drawn = isDrawn.indices.dropFirst().filter { isDrawn[$0] }.map { CallTree.Node(truncatingIfNeeded: $0) }
        let ranks = ranks(of: drawn.map { names[Int($0)] }, pair.names)
        drawn.sort { ranks[names[Int($0)]] ?? 0 < ranks[names[Int($1)]] ?? 0 }
        return ChildNodes(pair.tree, drawn)
    }

    private static func ranks(of names: [NameTable.ID], _ table: NameTable) -> [NameTable.ID: Int] {
        let sorted = Set(names).map { ($0, Array(table[$0].utf8)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
        return Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.0, $0) })
    }

    private mutating func place(_ pair: ProfilePair, _ children: ChildNodes) {
        // An explicit stack with the next sibling on top: a hostile file may nest deeper than the call stack allows.
        // For each frame, `headEnds` and `baseEnds` hold where its next child starts.
        var work = [(node: CallTree.root, parent: 0, isOdd: false)]
        var headEnds: [UInt64] = []
        var baseEnds: [UInt64] = []
        while let (found, parent, isOdd) = work.popLast() {
            let (node, place) = (Int(found), frames.count)
            var frame = Frame(
                node: node, parent: parent, depth: 0, head: Extent(width: pair.headTotal),
                base: Extent(width: pair.baseTotal), isOdd: isOdd)
            if place > 0 {
                frame.depth = frames[parent].depth + 1
                frame.head = Self.take(pair.headTotals[node], in: frames[parent].head, &headEnds[parent])
                if pair.isComparison {
                    frame.base = Self.take(pair.baseTotals[node], in: frames[parent].base, &baseEnds[parent])
                }
            }
            depth = max(depth, frame.depth + 1)
            frames.append(frame)
            headEnds.append(frame.head.start)
            baseEnds.append(frame.base.start)
            for (index, child) in children[found].enumerated().reversed() {
                work.append((node: child, parent: place, isOdd: index % 2 == 1))
            }
        }
    }

    /// The next extent inside a frame, cut to the frame, whose own width may have been saturated.
    private static func take(_ width: UInt64, in outer: Extent, _ next: inout UInt64) -> Extent {
        let extent = Extent(start: next, width: min(width, outer.end - next))
        next = extent.end
        return extent
    }
}

extension FlameLayout.LeftOut {
    fileprivate mutating func count(_ total: UInt64, isOutermost: Bool) {
        frames += 1
        guard isOutermost else { return }
        let (sum, overflow) = weight.addingReportingOverflow(total)
        weight = overflow ? .max : sum
    }
}
