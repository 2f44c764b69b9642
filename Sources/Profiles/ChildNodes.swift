/// The children of each node of a tree, in flat arrays: a walk allocates nothing for a node.
package struct ChildNodes: Sendable {
    /// The children of node n are `nodes[starts[n]..<starts[n + 1]]`.
    private let starts: [Int]
    private let nodes: [CallTree.Node]

    /// Takes all nodes; siblings are in the order in which they came into the tree.
    package init(_ tree: CallTree) {
        self.init(tree, Array(1..<CallTree.Node(truncatingIfNeeded: max(1, tree.nodeCount))))
    }

    /// Takes only the chosen nodes; siblings are in the given order.
    package init(_ tree: CallTree, _ chosen: [CallTree.Node]) {
        let parents = tree.parents
        var starts = [Int](repeating: 0, count: parents.count + 1)
        for node in chosen { starts[Int(parents[Int(node)]) + 1] += 1 }
        for node in parents.indices { starts[node + 1] += starts[node] }
        var next = starts
        var nodes = [CallTree.Node](repeating: 0, count: chosen.count)
        for node in chosen {
            let parent = Int(parents[Int(node)])
            nodes[next[parent]] = node
            next[parent] += 1
        }
        self.starts = starts
        self.nodes = nodes
    }

    package subscript(node: CallTree.Node) -> ArraySlice<CallTree.Node> {
        nodes[starts[Int(node)]..<starts[Int(node) + 1]]
    }

    package func isLeaf(_ node: CallTree.Node) -> Bool { starts[Int(node)] == starts[Int(node) + 1] }
}
