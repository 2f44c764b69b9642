/// A red-black tree with textbook balancing (Cormen et al., Introduction to Algorithms, chapter 13), as in the kernel's
/// rbtree. Its shape matters here, so another kind of balanced tree would not do.
///
/// Nodes are numbered: node `i` has the `i`-th of the keys given at creation. Equal keys go to the right.
struct RedBlackTree {
    /// All fields of a node are adjacent: a step down costs one memory access, not two.
    private struct Node {
        var key: UInt64
        var left: Int32
        var right: Int32
        var parent: Int32
        var isRed = false
    }

    private var nodes: [Node]
    private var root: Int32
    /// The sentinel: black, and every leaf's child. Its parent is set while a node is erased.
    private let leaf: Int32

    /// At most `Int32.max - 1` keys; symbol tables cannot have as many (`ELFFile.largestSection`).
    init(keys: [UInt64]) {
        let leaf = Int32(truncatingIfNeeded: keys.count)
        self.leaf = leaf
        root = leaf
        nodes = []
        nodes.reserveCapacity(keys.count + 1)
        for key in keys { nodes.append(Node(key: key, left: leaf, right: leaf, parent: leaf)) }
        nodes.append(Node(key: 0, left: leaf, right: leaf, parent: leaf))
    }

    mutating func insert(_ number: Int) {
        let node = Int32(truncatingIfNeeded: number)
        var above = leaf
        var position = root
        let key = nodes[number].key
        while position != leaf {
            above = position
            let here = nodes[Int(position)]
            position = key < here.key ? here.left : here.right
        }
        nodes[number].parent = above
        nodes[number].left = leaf
        nodes[number].right = leaf
        nodes[number].isRed = true
        if above == leaf {
            root = node
        } else if nodes[number].key < nodes[Int(above)].key {
            nodes[Int(above)].left = node
        } else {
            nodes[Int(above)].right = node
        }
        rebalanceAfterInsertion(of: node)
    }

    private mutating func rebalanceAfterInsertion(of inserted: Int32) {
        var node = inserted
        while nodes[Int(nodes[Int(node)].parent)].isRed {
            var above = nodes[Int(node)].parent
            let top = nodes[Int(above)].parent
            let isLeft = above == nodes[Int(top)].left
            let uncle = isLeft ? nodes[Int(top)].right : nodes[Int(top)].left
            if nodes[Int(uncle)].isRed {
                nodes[Int(above)].isRed = false
                nodes[Int(uncle)].isRed = false
                nodes[Int(top)].isRed = true
                node = top
                continue
            }
            if node == (isLeft ? nodes[Int(above)].right : nodes[Int(above)].left) {
                node = above
                rotate(node, toLeft: isLeft)
                above = nodes[Int(node)].parent
            }
            nodes[Int(above)].isRed = false
            nodes[Int(top)].isRed = true
            rotate(top, toLeft: !isLeft)
        }
        nodes[Int(root)].isRed = false
    }

    private mutating func rotate(_ node: Int32, toLeft: Bool) {
        let child = toLeft ? nodes[Int(node)].right : nodes[Int(node)].left
        let inner = toLeft ? nodes[Int(child)].left : nodes[Int(child)].right
        if toLeft { nodes[Int(node)].right = inner } else { nodes[Int(node)].left = inner }
        if inner != leaf { nodes[Int(inner)].parent = node }
        replace(node, with: child)
        if toLeft { nodes[Int(child)].left = node } else { nodes[Int(child)].right = node }
        nodes[Int(node)].parent = child
    }

    /// Replaces `node` with `other` under the node's parent.
    private mutating func replace(_ node: Int32, with other: Int32) {
        let above = nodes[Int(node)].parent
        if above == leaf {
            root = other
        } else if nodes[Int(above)].left == node {
            nodes[Int(above)].left = other
        } else {
            nodes[Int(above)].right = other
        }
        nodes[Int(other)].parent = above
    }

    /// Removes a node that was inserted.
    mutating func erase(_ number: Int) {
        let node = Int32(truncatingIfNeeded: number)
        var lostBlack = !nodes[number].isRed
        let heir: Int32
        if nodes[number].left == leaf {
            heir = nodes[number].right
            replace(node, with: heir)
        } else if nodes[number].right == leaf {
            heir = nodes[number].left
            replace(node, with: heir)
        } else {
            var successor = nodes[number].right
            while nodes[Int(successor)].left != leaf { successor = nodes[Int(successor)].left }
            lostBlack = !nodes[Int(successor)].isRed
            heir = nodes[Int(successor)].right
            if nodes[Int(successor)].parent == node {
                nodes[Int(heir)].parent = successor
            } else {
                replace(successor, with: heir)
                nodes[Int(successor)].right = nodes[number].right
                nodes[Int(nodes[number].right)].parent = successor
            }
            replace(node, with: successor)
            nodes[Int(successor)].left = nodes[number].left
            nodes[Int(nodes[number].left)].parent = successor
            nodes[Int(successor)].isRed = nodes[number].isRed
        }
        if lostBlack { rebalanceAfterErasure(at: heir) }
    }

    private mutating func rebalanceAfterErasure(at heir: Int32) {
        var node = heir
        while node != root, !nodes[Int(node)].isRed {
            let above = nodes[Int(node)].parent
            let isLeft = node == nodes[Int(above)].left
            var sibling = isLeft ? nodes[Int(above)].right : nodes[Int(above)].left
            if nodes[Int(sibling)].isRed {
                nodes[Int(sibling)].isRed = false
                nodes[Int(above)].isRed = true
                rotate(above, toLeft: isLeft)
                sibling = isLeft ? nodes[Int(above)].right : nodes[Int(above)].left
            }
            let near = isLeft ? nodes[Int(sibling)].left : nodes[Int(sibling)].right
            var far = isLeft ? nodes[Int(sibling)].right : nodes[Int(sibling)].left
            if !nodes[Int(near)].isRed, !nodes[Int(far)].isRed {
                nodes[Int(sibling)].isRed = true
                node = above
                continue
            }
            if !nodes[Int(far)].isRed {
                nodes[Int(near)].isRed = false
                nodes[Int(sibling)].isRed = true
                rotate(sibling, toLeft: !isLeft)
                sibling = isLeft ? nodes[Int(above)].right : nodes[Int(above)].left
                far = isLeft ? nodes[Int(sibling)].right : nodes[Int(sibling)].left
            }
            nodes[Int(sibling)].isRed = nodes[Int(above)].isRed
            nodes[Int(above)].isRed = false
            nodes[Int(far)].isRed = false
            rotate(above, toLeft: isLeft)
            node = root
        }
        nodes[Int(node)].isRed = false
    }

    /// Calls `body`, in order, with the range of keys for which a search from the root ends at each node. A search
    /// stops at a node if the range `nodes[i].key..<ends[i]` contains the key; otherwise it goes left of the start or
    /// right of the end. Nodes that no search reaches are left out; an empty range counts as one key.
    func forEachReachableRange(ends: [UInt64], _ body: (_ number: Int, _ range: Range<UInt64>) -> Void) {
        visit(root, from: 0, to: .max, ends: ends, body)
    }

    /// Recurses as deep as the tree: at most 2 log2(n + 1).
    private func visit(
        _ node: Int32, from low: UInt64, to high: UInt64, ends: [UInt64],
        _ body: (_ number: Int, _ range: Range<UInt64>) -> Void
    ) {
        guard node != leaf, low < high else { return }
        let number = Int(node)
        let start = nodes[number].key
        let end = max(ends[number], start == .max ? .max : start + 1)
        visit(nodes[number].left, from: low, to: min(high, start), ends: ends, body)
        if max(low, start) < min(high, end) { body(number, max(low, start)..<min(high, end)) }
        visit(nodes[number].right, from: max(low, end), to: high, ends: ends, body)
    }
}
