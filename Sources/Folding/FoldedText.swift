package import Profiles

/// The folded form of a tree: a line `outermost;…;innermost weight` for each stack that has a weight, sorted by the
/// bytes of the stack as sort(1) does in the C locale.
///
/// The lines are made on a walk over the tree, one at a time. Sorting whole lines is the same as sorting siblings if a
/// node counts twice: as the end of a stack under its name, and as the start of longer ones under its name with `;`.
package struct FoldedText {
    private let tree: CallTree
    private let names: NameTable
    private let children: ChildNodes

    package init(_ tree: CallTree, names: NameTable) {
        self.tree = tree
        self.names = names
        children = ChildNodes(tree)
    }

    /// Hands the text to `write` in pieces of whole lines; ends early when `write` returns false (a closed pipe).
    package func write(_ write: ([UInt8]) -> Bool) {
        var line: [UInt8] = []
        var pending: [UInt8] = []
        // An explicit stack: a hostile file may nest deeper than the thread's own stack allows.
        var work = Array(items(of: CallTree.root).reversed())
        var depths = [Int](repeating: 0, count: work.count)
        while let item = work.popLast(), let depth = depths.popLast() {
            line.removeSubrange(depth...)
            if depth > 0 { line.append(UInt8(ascii: ";")) }
            line.append(contentsOf: names[tree.names[Int(item.node)]].utf8)
            if item.isOwnLine {
                pending.append(contentsOf: line)
                pending.append(UInt8(ascii: " "))
                pending.append(contentsOf: String(tree.weights[Int(item.node)]).utf8)
                pending.append(UInt8(ascii: "\n"))
                if pending.count > 1 << 16 {
                    guard write(pending) else { return }
                    pending.removeAll(keepingCapacity: true)
                }
            } else {
                let inner = items(of: item.node)
                work.append(contentsOf: inner.reversed())
                depths.append(contentsOf: repeatElement(line.count, count: inner.count))
            }
        }
        if !pending.isEmpty { _ = write(pending) }
    }

    private struct Item {
        var node: CallTree.Node
        var isOwnLine: Bool
    }

    private func items(of parent: CallTree.Node) -> [Item] {
        var items: [Item] = []
        for node in children[parent] {
            if tree.weights[Int(node)] > 0 { items.append(Item(node: node, isOwnLine: true)) }
            if !children.isLeaf(node) { items.append(Item(node: node, isOwnLine: false)) }
        }
        guard items.count > 1 else { return items }
        // Local copies: the closure would otherwise hold a copy of all of this for each comparison.
        let (labels, texts) = (tree.names, names.texts)
        items.sort {
            Self.precedes($0, texts[Int(labels[Int($0.node)].rawValue)], $1, texts[Int(labels[Int($1.node)].rawValue)])
        }
        return items
    }

    private static func precedes(_ left: Item, _ leftName: String, _ right: Item, _ rightName: String) -> Bool {
        var leftText = leftName.utf8.makeIterator()
        var rightText = rightName.utf8.makeIterator()
        var leftEnded = left.isOwnLine
        var rightEnded = right.isOwnLine
        while true {
            // A subtree's text goes on with `;`; a line's own text ends.
            var leftByte = leftText.next()
            if leftByte == nil, !leftEnded {
                leftByte = UInt8(ascii: ";")
                leftEnded = true
            }
            var rightByte = rightText.next()
            if rightByte == nil, !rightEnded {
                rightByte = UInt8(ascii: ";")
                rightEnded = true
            }
            guard let leftByte else { return rightByte != nil }
            guard let rightByte else { return false }
            if leftByte != rightByte { return leftByte < rightByte }
        }
    }
}
