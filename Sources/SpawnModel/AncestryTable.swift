/// Chains of commands from the session's root down to a spawner, each chain stored once.
///
/// Each ancestor has the name that it had when it created the next one. A chain of `longest` names or more ends in
/// `[...]`: if every process started the next one and ended, the stacks of n spawns would otherwise have n² names.
package struct AncestryTable: Sendable {
    package typealias Node = Int32
    /// The empty chain.
    package static let root: Node = 0

    private struct Key: Hashable {
        var parent: Node
        var name: String
    }

    private var nodes: [Key: Node] = [:]
    private var entries: [Key] = [Key(parent: 0, name: "")]
    /// How many names each chain has.
    private var lengths: [Int] = [0]

    static let longest = 256
    static let cutMark = "[...]"

    package init() {}

    mutating func child(of parent: Node, named name: String) -> Node {
        let length = lengths[Int(parent)] + 1
        guard length <= Self.longest else { return parent }
        let name = length == Self.longest ? Self.cutMark : name
        let key = Key(parent: parent, name: name)
        if let node = nodes[key] { return node }
        let node = Node(truncatingIfNeeded: entries.count)
        entries.append(key)
        lengths.append(length)
        nodes[key] = node
        return node
    }

    /// The names along the chain, outermost first.
    package func names(of node: Node) -> [String] {
        var names: [String] = []
        var node = node
        while node > 0, entries.indices.contains(Int(node)) {
            names.append(entries[Int(node)].name)
            node = entries[Int(node)].parent
        }
        return names.reversed()
    }
}
