package import Profiles

/// One profile, or two on one tree: nodes are the same where their names from the root on are.
package struct ProfilePair: Sendable {
    let tree: CallTree
    let names: NameTable
    /// By node of `tree`, children included; saturating.
    let headTotals: [UInt64]
    /// What is each node's own.
    let headWeights: [UInt64]
    /// By node of `tree`, children included, of the base; empty where there is one profile alone.
    let baseTotals: [UInt64]

    package init(_ tree: CallTree, names: NameTable) {
        self.tree = tree
        self.names = names
        headWeights = tree.weights
        headTotals = Self.totals(tree, tree.weights)
        baseTotals = []
    }

    package init(
        base: CallTree, names baseNames: NameTable, head: CallTree, names headNames: NameTable
    ) {
        var tree = head
        var names = headNames
        var nodes: [CallTree.Node] = [CallTree.root]
        nodes.reserveCapacity(base.nodeCount)
        for node in base.parents.indices.dropFirst() {
            let name = names.intern(baseNames[base.names[node]])
            nodes.append(tree.child(of: nodes[Int(base.parents[node])], named: name, base.layers[node]))
        }
        var baseWeights = [UInt64](repeating: 0, count: tree.nodeCount)
        for (node, weight) in zip(nodes, base.weights) { baseWeights[Int(node)] = weight }
        self.tree = tree
        self.names = names
        headWeights = tree.weights
        headTotals = Self.totals(tree, tree.weights)
        baseTotals = Self.totals(tree, baseWeights)
    }

    var isComparison: Bool { !baseTotals.isEmpty }
    package var headTotal: UInt64 { headTotals[0] }
    package var baseTotal: UInt64 { baseTotals.first ?? 0 }

    /// A parent's number is smaller than its children's, so that one way back through the table adds all up.
    private static func totals(_ tree: CallTree, _ weights: [UInt64]) -> [UInt64] {
        var totals = weights
        for node in weights.indices.dropFirst().reversed() {
            let parent = Int(tree.parents[node])
            let (sum, overflow) = totals[parent].addingReportingOverflow(totals[node])
            totals[parent] = overflow ? .max : sum
        }
        return totals
    }
}
