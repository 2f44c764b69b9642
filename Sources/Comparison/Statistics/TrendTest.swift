/// Whether the head differs from the base by more than a trend over the order of recording explains.
///
/// If one side was recorded after the other, they differ by any drift in between. The model is a line over the
/// recording order, the same for both sides, and a step between the sides. The test of the step permutes the residuals
/// of the line. If the sides are well mixed the line takes nothing from the step; if all of one side came first, a step
/// of the same size needs about four times the runs.
/// (Freedman and Lane, "A nonstochastic interpretation of reported significance levels", 1983)
package struct TrendTest: Hashable, Sendable {
    /// One-sided p-values of the step.
    package private(set) var pAbove = 1.0
    package private(set) var pBelow = 1.0
    /// The two-sided p-value of the line: how often chance alone would show a trend as strong as the one within the
    /// sides.
    package private(set) var pTrend = 1.0

    /// The two-sided p-value of the step.
    package var p: Double { min(1, 2 * min(pAbove, pBelow)) }

    /// `values` are in recording order; `isHead` marks those of the head.
    package init(
        values: [Double], isHead: [Bool], draws: Int, generator: inout some RandomNumberGenerator
    ) {
        guard values.count == isHead.count, values.count > 3 else { return }
        let middle = Double(values.count - 1) / 2
        let line = values.indices.map { Double($0) - middle }
        let share = Double(isHead.count { $0 }) / Double(values.count)
        let step = isHead.map { ($0 ? 1 : 0) - share }
        let mean = values.reduce(0, +) / Double(values.count)
        let centred = values.map { $0 - mean }
        if let (above, below) = Self.test(
            of: step, besides: line, values: centred, draws: draws, generator: &generator)
        {
            (pAbove, pBelow) = (above, below)
        }
        if let (above, below) = Self.test(
            of: line, besides: step, values: centred, draws: draws, generator: &generator)
        {
            pTrend = min(1, 2 * min(above, below))
        }
    }

    /// One-sided p-values of one term of the model, given the other; `nil` if the two are collinear. All three arrays
    /// have a mean of 0.
    private static func test(
        of term: [Double], besides other: [Double], values: [Double], draws: Int,
        generator: inout some RandomNumberGenerator
    ) -> (above: Double, below: Double)? {
        guard let otherAxis = unit(other), let axis = unit(less(term, otherAxis)) else { return nil }
        var residuals = less(values, otherAxis)
        let observed = statistic(residuals, axis, otherAxis)
        var (above, below) = (1, 1)
        for _ in 0..<draws {
            residuals.shuffle(using: &generator)
            let drawn = statistic(residuals, axis, otherAxis)
            if drawn >= observed - 1e-9 { above += 1 }
            if drawn <= observed + 1e-9 { below += 1 }
        }
        return (Double(above) / Double(draws + 1), Double(below) / Double(draws + 1))
    }

    /// The term's partial correlation, from -1 to 1, which grows with Student's t.
    private static func statistic(_ values: [Double], _ axis: [Double], _ otherAxis: [Double]) -> Double {
        var (square, along, other) = (0.0, 0.0, 0.0)
        for index in values.indices {
            square += values[index] * values[index]
            along += values[index] * axis[index]
            other += values[index] * otherAxis[index]
        }
        let rest = square - other * other
        return rest > 1e-18 ? along / rest.squareRoot() : 0
    }

    private static func less(_ values: [Double], _ axis: [Double]) -> [Double] {
        let along = zip(values, axis).reduce(0) { $0 + $1.0 * $1.1 }
        return zip(values, axis).map { $0 - along * $1 }
    }

    private static func unit(_ values: [Double]) -> [Double]? {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 1e-6 ? values.map { $0 / length } : nil
    }
}
