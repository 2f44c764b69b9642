internal import Presentation
internal import Reports

/// A comparison as a test report, with a case for each gate and one for the sessions. A gate that is worse is a
/// failure, one that is inconclusive an error.
package enum ComparisonJUnit {
    package static func text(_ result: ComparisonResult) -> String {
        var cases = result.gates.map { gate in
            JUnitXML.TestCase(
                name: Figures.title(gate), className: "spawnscope.compare", result: verdict(gate),
                output: [figures(gate)]
            )
        }
        let blocking = result.problems.filter(\.blocks)
        let sessions: JUnitXML.Result =
            blocking.isEmpty
            ? .passed
            : .error(
                message: blocking.first?.text ?? "",
                details: blocking.map(\.text))
        cases.append(JUnitXML.TestCase(name: "sessions", className: "spawnscope.compare", result: sessions))
        return JUnitXML.document(
            name: "spawnscope compare", [JUnitXML.Suite(name: "spawnscope compare", cases: cases)])
    }

    private static func verdict(_ gate: ComparedRow) -> JUnitXML.Result {
        switch gate.verdict {
        case .better, .same: .passed
        case .worse: .failed(message: "worse: \(figures(gate))")
        case .inconclusive: .error(message: gate.reason.map(Figures.reason) ?? "cannot tell")
        }
    }

    private static func figures(_ gate: ComparedRow) -> String {
        let values =
            "base \(Figures.value(gate.base.centre, gate.metric)), head \(Figures.value(gate.head.centre, gate.metric)), "
            + Figures.change(gate)
        return values + (gate.interval.map { " (\(Figures.interval($0)))" } ?? "")
    }
}
