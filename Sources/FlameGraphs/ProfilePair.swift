package import Profiles

/// One profile, or two merged into one tree, whose nodes are the same if their names from the root on are.
package struct ProfilePair: Sendable {
    let tree: CallTree
    let names: NameTable
    /// The head's total of each node of `tree`, children included; saturating.
    let headTotals: [UInt64]
    /// The head's own weight of each node.
    let headWeights: [UInt64]
    /// The base's total of each node of `tree`, children included; empty if there is only one profile.
    let baseTotals: [UInt64]

    package init(_ tree: CallTree, names: NameTable) {
        self.tree = tree
        self.names = names
        headWeights = tree.weights
        headTotals = tree.totals(of: tree.weights)
        baseTotals = []
    }

    package init(
        base: CallTree, names baseNames: NameTable, head: CallTree, names headNames: NameTable
    ) {
        var tree = head
        var names = headNames
        let nodes = tree.addNodes(of: base) { names.intern(baseNames[$0]) }
        var baseWeights = [UInt64](repeating: 0, count: tree.nodeCount)
        for (node, weight) in zip(nodes, base.weights) { baseWeights[Int(node)] = weight }
        self.tree = tree
        self.names = names
        headWeights = tree.weights
        headTotals = tree.totals(of: tree.weights)
        baseTotals = tree.totals(of: baseWeights)
    }

    var isComparison: Bool { !baseTotals.isEmpty }
    package var headTotal: UInt64 { headTotals[0] }
    package var baseTotal: UInt64 { baseTotals.first ?? 0 }
}
