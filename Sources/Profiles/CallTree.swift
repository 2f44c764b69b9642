internal import ByteAccess

/// A tree in which stacks with common outer frames share nodes; a stack's weight is at its innermost node.
///
/// The tree is a table of nodes and a hash table of (parent, name) pairs, both flat arrays: adding a stack that is
/// already there allocates nothing.
package struct CallTree: Sendable {
    /// A node; `root` is the empty stack.
    package typealias Node = Int32
    package static let root: Node = 0

    /// The parent of each node, whose number is smaller than its children's.
    package private(set) var parents: [Node] = [0]
    package private(set) var names: [NameTable.ID] = [NameTable.ID(rawValue: 0)]
    /// The weight that was added at each node itself, without its children; saturating.
    package private(set) var weights: [UInt64] = [0]
    /// The layer given by the stack that created each node: frames with the same parent and name are one node, whatever
    /// their layer.
    package private(set) var layers: [FrameLayer] = [.unknown]
    /// Nodes by hash of parent and name. A slot also holds what is compared, so that a probe takes one load, not three.
    private var slots: [Slot]
    private var mask: Int

    private struct Slot {
        var parent: Node = 0
        package var name = NameTable.ID(rawValue: 0)
        /// 0 marks a free slot: the root is not a child.
        var node: Node = 0
    }

    package init() {
        slots = Array(repeating: Slot(), count: 1024)
        mask = 1023
    }

    package var nodeCount: Int { parents.count }
    /// The sum of all weights, saturating.
    package private(set) var total: UInt64 = 0

    package mutating func child(of parent: Node, named name: NameTable.ID, _ layer: FrameLayer = .unknown) -> Node {
        var slot = hash(parent, name) & mask
        while true {
            let known = slots[slot]
            if known.node == 0 { break }
            if known.parent == parent, known.name == name { return known.node }
            slot = (slot &+ 1) & mask
        }
        // The table is full at 2^31 nodes: what would come below stays at the parent.
        guard let node = Node(exactly: parents.count) else { return parent }
        parents.append(parent)
        names.append(name)
        weights.append(0)
        layers.append(layer)
        slots[slot] = Slot(parent: parent, name: name, node: node)
        if parents.count &* 2 > slots.count { grow() }
        return node
    }

    package mutating func add(_ weight: UInt64, at node: Node) {
        weights[Int(node)] = weights[Int(node)].addingSaturating(weight)
        total = total.addingSaturating(weight)
    }

    /// Adds another tree and its weights; `name` maps its name IDs to this tree's.
    package mutating func add(_ other: CallTree, named name: (NameTable.ID) -> NameTable.ID) {
        for (node, weight) in zip(addNodes(of: other, named: name), other.weights) where weight > 0 {
            add(weight, at: node)
        }
    }

    /// Adds the nodes of another tree without their weights. Returns the node here for each node there.
    package mutating func addNodes(of other: CallTree, named name: (NameTable.ID) -> NameTable.ID) -> [Node] {
        var nodes = [Self.root]
        nodes.reserveCapacity(other.nodeCount)
        for node in 1..<max(1, other.nodeCount) {
            // A parent's number is smaller than its children's.
            let parent = nodes[Int(other.parents[node])]
            nodes.append(child(of: parent, named: name(other.names[node]), other.layers[node]))
        }
        return nodes
    }

    /// The sum of `weights`, which has one for each node, over every node and its descendants; saturating.
    package func totals(of weights: [UInt64]) -> [UInt64] {
        var totals = weights
        // A parent's number is smaller than its children's: one backward pass sums everything up.
        for node in weights.indices.dropFirst().reversed() {
            let parent = Int(parents[node])
            totals[parent] = totals[parent].addingSaturating(totals[node])
        }
        return totals
    }

    @inline(__always)
    private func hash(_ parent: Node, _ name: NameTable.ID) -> Int {
        let key = UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(name.rawValue)
        return Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 29)
    }

    private mutating func grow() {
        let capacity = slots.count * 2
        mask = capacity - 1
        slots = Array(repeating: Slot(), count: capacity)
        for node in 1..<parents.count {
            var slot = hash(parents[node], names[node]) & mask
            while slots[slot].node != 0 { slot = (slot &+ 1) & mask }
            slots[slot] = Slot(parent: parents[node], name: names[node], node: Node(truncatingIfNeeded: node))
        }
    }
}
