/// How much a frame changed from base to head, in steps that each have a colour.
enum Difference {
    /// The upper limits of steps 0 to 3. Larger changes are step 4; new and gone frames are the last step.
    private static let borders = [0.01, 0.1, 0.25, 0.5]
    static let steps = borders.count + 1

    /// The step, from `-steps` (gone) through 0 (the same, within 1%) to `steps` (new). Changes are relative to the
    /// larger side, so that doubling and halving are equally far from 0.
    static func step(head: Double, base: Double) -> Int {
        let larger = max(head, base)
        guard larger > 0 else { return 0 }
        if head == 0 { return -steps }
        if base == 0 { return steps }
        let change = (head - base) / larger
        let size = borders.firstIndex { change.magnitude <= $0 } ?? steps - 1
        return change < 0 ? -size : size
    }

    /// `part` as a share of `whole`.
    static func weight(_ part: UInt64, of whole: UInt64) -> Double { Double(part) / max(Double(whole), 1) }

    static func step(_ frame: FlameLayout.Frame, in graph: FlameGraph) -> Int {
        let pair = graph.pair
        let (head, base) = (pair.headTotals[frame.node], pair.baseTotals[frame.node])
        guard graph.options.normalises else { return step(head: Double(head), base: Double(base)) }
        return step(head: weight(head, of: pair.headTotal), base: weight(base, of: pair.baseTotal))
    }
}
