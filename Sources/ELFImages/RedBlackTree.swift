/// A red-black tree with the balancing of the textbook (Cormen et al., Introduction to Algorithms, chapter 13), as the
/// kernel's rbtree has it too. Its shape matters here, so no other balanced tree would do.
///
/// Nodes are numbered; number `i` has the key `keys[i]`. Equal keys go to the right.
struct RedBlackTree {
    private let keys: [UInt64]
    private var left: [Int32]
    private var right: [Int32]
    private var parent: [Int32]
    private var isRed: [Bool]
    private var root: Int32
    /// The sentinel: black, and every leaf's child. Its parent is set while a node is erased.
    private let leaf: Int32

    /// No more than `Int32.max - 1` keys, which symbol tables cannot reach (`ELFFile.largestSection`).
    init(keys: [UInt64]) {
        self.keys = keys
        leaf = Int32(truncatingIfNeeded: keys.count)
        root = leaf
        left = Array(repeating: leaf, count: keys.count + 1)
        right = left
        parent = left
        isRed = Array(repeating: false, count: keys.count + 1)
    }

    mutating func insert(_ number: Int) {
        let node = Int32(truncatingIfNeeded: number)
        var above = leaf
        var position = root
        while position != leaf {
            above = position
            position = keys[number] < keys[Int(position)] ? left[Int(position)] : right[Int(position)]
        }
        parent[number] = above
        left[number] = leaf
        right[number] = leaf
        isRed[number] = true
        if above == leaf {
            root = node
        } else if keys[number] < keys[Int(above)] {
            left[Int(above)] = node
        } else {
            right[Int(above)] = node
        }
        rebalanceAfterInsertion(of: node)
    }

    private mutating func rebalanceAfterInsertion(of inserted: Int32) {
        var node = inserted
        while isRed[Int(parent[Int(node)])] {
            var above = parent[Int(node)]
            let top = parent[Int(above)]
            let isLeft = above == left[Int(top)]
            let uncle = isLeft ? right[Int(top)] : left[Int(top)]
            if isRed[Int(uncle)] {
                isRed[Int(above)] = false
                isRed[Int(uncle)] = false
                isRed[Int(top)] = true
                node = top
                continue
            }
            if node == (isLeft ? right[Int(above)] : left[Int(above)]) {
                node = above
                rotate(node, toLeft: isLeft)
                above = parent[Int(node)]
            }
            isRed[Int(above)] = false
            isRed[Int(top)] = true
            rotate(top, toLeft: !isLeft)
        }
        isRed[Int(root)] = false
    }

    private mutating func rotate(_ node: Int32, toLeft: Bool) {
        let child = toLeft ? right[Int(node)] : left[Int(node)]
        let inner = toLeft ? left[Int(child)] : right[Int(child)]
        if toLeft { right[Int(node)] = inner } else { left[Int(node)] = inner }
        if inner != leaf { parent[Int(inner)] = node }
        replace(node, with: child)
        if toLeft { left[Int(child)] = node } else { right[Int(child)] = node }
        parent[Int(node)] = child
    }

    /// Hangs `other` where `node` hangs.
    private mutating func replace(_ node: Int32, with other: Int32) {
        let above = parent[Int(node)]
        if above == leaf {
            root = other
        } else if left[Int(above)] == node {
            left[Int(above)] = other
        } else {
            right[Int(above)] = other
        }
        parent[Int(other)] = above
    }

    /// Takes out a node that was inserted.
    mutating func erase(_ number: Int) {
        let node = Int32(truncatingIfNeeded: number)
        var lostBlack = !isRed[number]
        let heir: Int32
        if left[number] == leaf {
            heir = right[number]
            replace(node, with: heir)
        } else if right[number] == leaf {
            heir = left[number]
            replace(node, with: heir)
        } else {
            var successor = right[number]
            while left[Int(successor)] != leaf { successor = left[Int(successor)] }
            lostBlack = !isRed[Int(successor)]
            heir = right[Int(successor)]
            if parent[Int(successor)] == node {
                parent[Int(heir)] = successor
            } else {
                replace(successor, with: heir)
                right[Int(successor)] = right[number]
                parent[Int(right[number])] = successor
            }
            replace(node, with: successor)
            left[Int(successor)] = left[number]
            parent[Int(left[number])] = successor
            isRed[Int(successor)] = isRed[number]
        }
        if lostBlack { rebalanceAfterErasure(at: heir) }
    }

    private mutating func rebalanceAfterErasure(at heir: Int32) {
        var node = heir
        while node != root, !isRed[Int(node)] {
            let above = parent[Int(node)]
            let isLeft = node == left[Int(above)]
            var sibling = isLeft ? right[Int(above)] : left[Int(above)]
            if isRed[Int(sibling)] {
                isRed[Int(sibling)] = false
                isRed[Int(above)] = true
                rotate(above, toLeft: isLeft)
                sibling = isLeft ? right[Int(above)] : left[Int(above)]
            }
            let near = isLeft ? left[Int(sibling)] : right[Int(sibling)]
            var far = isLeft ? right[Int(sibling)] : left[Int(sibling)]
            if !isRed[Int(near)], !isRed[Int(far)] {
                isRed[Int(sibling)] = true
                node = above
                continue
            }
            if !isRed[Int(far)] {
                isRed[Int(near)] = false
                isRed[Int(sibling)] = true
                rotate(sibling, toLeft: !isLeft)
                sibling = isLeft ? right[Int(above)] : left[Int(above)]
                far = isLeft ? right[Int(sibling)] : left[Int(sibling)]
            }
            isRed[Int(sibling)] = isRed[Int(above)]
            isRed[Int(above)] = false
            isRed[Int(far)] = false
            rotate(above, toLeft: isLeft)
            node = root
        }
        isRed[Int(node)] = false
    }

    /// Calls `body`, in order, with the keys for which a search from the root ends at each node. The search takes a
    /// node whose range `keys[i]..<ends[i]` holds the key, else goes left of its start or right of its end. Nodes that
    /// no search reaches are left out; an empty range counts as one key.
    func forEachReachableRange(ends: [UInt64], _ body: (_ number: Int, _ range: Range<UInt64>) -> Void) {
        visit(root, from: 0, to: .max, ends: ends, body)
    }

    /// As deep as the tree: at most 2 log2(n + 1).
    private func visit(
        _ node: Int32, from low: UInt64, to high: UInt64, ends: [UInt64],
        _ body: (_ number: Int, _ range: Range<UInt64>) -> Void
    ) {
        guard node != leaf, low < high else { return }
        let number = Int(node)
        let start = keys[number]
        let end = max(ends[number], start == .max ? .max : start + 1)
        visit(left[number], from: low, to: min(high, start), ends: ends, body)
        if max(low, start) < min(high, end) { body(number, max(low, start)..<min(high, end)) }
        visit(right[number], from: max(low, end), to: high, ends: ends, body)
    }
}
