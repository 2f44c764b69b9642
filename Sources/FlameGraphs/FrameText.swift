internal import Presentation
internal import Profiles

/// The text of a frame: its whole name, and lines with its numbers.
struct FrameText {
    private let graph: FlameGraph
    /// Longer names are cut to this length, and their length is given.
    private static let mostCharacters = 1024

    init(_ graph: FlameGraph) { self.graph = graph }

    func name(_ frame: FlameLayout.Frame) -> String {
        frame.node == 0 ? "all" : graph.pair.names[graph.pair.tree.names[frame.node]]
    }

    func lines(_ frame: FlameLayout.Frame) -> [String] {
        let name = name(frame)
        let numbers = graph.pair.isComparison ? changes(frame) : numbers(frame)
        // There are at least as many bytes as characters, and counting them is free.
        guard name.utf8.count > Self.mostCharacters else { return [ForeignText.shown(name)] + numbers }
        let cut = DisplayText.cut(name, to: Self.mostCharacters)
        let length = "a name of \(Share.grouped(name.unicodeScalars.count)) characters"
        return [ForeignText.shown(cut)] + numbers + (cut == name ? [] : [length])
    }

    private func numbers(_ frame: FlameLayout.Frame) -> [String] {
        let total = graph.pair.headTotals[frame.node]
        let outer = graph.pair.headTotals[graph.layout.frames[frame.parent].node]
        let own = graph.pair.headWeights[frame.node]
        var line = "\(graph.options.describe(total)), \(Share.percent(total, of: graph.pair.headTotal)) of all"
        if frame.depth > 1 { line += ", \(Share.percent(total, of: outer)) of parent" }
        if own > 0, own < total { line += "; \(graph.options.describe(own)) of its own" }
        return frame.node == 0 ? [line] : [line, Palette.word(of: frame, in: graph)]
    }

    private func changes(_ frame: FlameLayout.Frame) -> [String] {
        let (head, base) = (graph.pair.headTotals[frame.node], graph.pair.baseTotals[frame.node])
        let describe = graph.options.describe
        let outer = graph.layout.frames[frame.parent].node
        func side(_ name: String, _ total: UInt64, _ all: UInt64, _ parent: UInt64) -> String {
            var line = "\(name): \(describe(total)), \(Share.percent(total, of: all)) of all"
            if frame.depth > 1 { line += ", \(Share.percent(total, of: parent)) of parent" }
            return line
        }
        return [
            side("head", head, graph.pair.headTotal, graph.pair.headTotals[outer]),
            side("base", base, graph.pair.baseTotal, graph.pair.baseTotals[outer]), change(head, base),
        ]
    }

    private func change(_ head: UInt64, _ base: UInt64) -> String {
        let describe = graph.options.describe
        guard base > 0 else { return head > 0 ? "change: +\(describe(head)), new" : "change: none" }
        guard head > 0 else { return "change: −\(describe(base)), gone" }
        if graph.options.normalises {
            let ratio =
                Difference.weight(head, of: graph.pair.headTotal) / Difference.weight(base, of: graph.pair.baseTotal)
            return "change of its share: \(Share.change(ratio - 1))"
        }
        let ratio = Double(head) / Double(base) - 1
        let difference = head < base ? "−\(describe(base - head))" : head > base ? "+\(describe(head - base))" : "none"
        return head == base ? "change: none" : "change: \(difference), \(Share.change(ratio))"
    }
}
