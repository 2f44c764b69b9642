@testable import FlameGraphs
import Profiles

/// A tree out of stacks as they are folded: `a;b`, and its weight.
struct MadeProfile {
    var tree = CallTree()
    var names = NameTable()

    init(_ stacks: [(String, UInt64)] = []) {
        for (stack, weight) in stacks { add(stack.split(separator: ";").map(String.init), weight) }
    }

    mutating func add(_ stack: [String], _ weight: UInt64, _ layer: FrameLayer = .user) {
        var node = CallTree.root
        for name in stack { node = tree.child(of: node, named: names.intern(name), layer) }
        tree.add(weight, at: node)
    }

    var pair: ProfilePair { ProfilePair(tree, names: names) }

    static func options() -> FlameGraph.Options {
        FlameGraph.Options(meaning: WeightMeaning(name: "spawns", unit: .count)) { "\($0) spawns" }
    }

    func graph(_ change: (inout FlameGraph.Options) -> Void = { _ in }) -> FlameGraph { Self.graph(pair, change) }

    static func graph(_ pair: ProfilePair, _ change: (inout FlameGraph.Options) -> Void = { _ in }) -> FlameGraph {
        var options = options()
        change(&options)
        return FlameGraph(pair, options)
    }
}

extension FlameGraph {
    var document: [UInt8] {
        var bytes: [UInt8] = []
        write {
            bytes += $0
            return true
        }
        return bytes
    }

    /// `name start width` of each frame, indented by its depth.
    var outline: [String] {
        layout.frames.map { frame in
            let name = frame.node == 0 ? "all" : pair.names[pair.tree.names[frame.node]]
            return String(repeating: " ", count: frame.depth) + "\(name) \(frame.head.start) \(frame.head.width)"
        }
    }
}
