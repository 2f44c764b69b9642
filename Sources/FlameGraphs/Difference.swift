/// How much a frame changed from base to head, in steps that have a colour each.
enum Difference {
    /// A change up to this belongs to the step; what is beyond the last is new, or gone.
    private static let borders = [0.01, 0.1, 0.25, 0.5]
    static let steps = borders.count + 1

    /// From `-steps` (gone) over 0 (the same, within 1%) to `steps` (new). The change is taken of the larger side, so that
    /// twice as much and half as much are equally far from the same.
    static func step(head: Double, base: Double) -> Int {
        let larger = max(head, base)
        guard larger > 0 else { return 0 }
        if head == 0 { return -steps }
        if base == 0 { return steps }
        let change = (head - base) / larger
        let size = borders.firstIndex { change.magnitude <= $0 } ?? steps - 1
        return change < 0 ? -size : size
    }

    /// A share of the whole.
    static func weight(_ part: UInt64, of whole: UInt64) -> Double { Double(part) / max(Double(whole), 1) }

    static func step(_ frame: FlameLayout.Frame, in graph: FlameGraph) -> Int {
        let pair = graph.pair
        let (head, base) = (pair.headTotals[frame.node], pair.baseTotals[frame.node])
        guard graph.options.normalises else { return step(head: Double(head), base: Double(base)) }
        return step(head: weight(head, of: pair.headTotal), base: weight(base, of: pair.baseTotal))
    }
}
