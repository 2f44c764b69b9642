internal import Presentation
internal import Reports

/// A comparison for the comment of a pull request.
package enum ComparisonMarkdown {
    private static let mostScopes = 10

    package static func text(_ result: ComparisonResult) -> String {
        var lines = ["### Spawns: \(verdict(result))", ""]
        var table = MarkdownTable([
            .init("gate"), .init("base", .right), .init("head", .right), .init("change", .right), .init("interval"),
            .init("verdict"),
        ])
        for gate in result.gates {
            let name: MarkdownTable.Cell =
                gate.scope == .whole
                ? .text(gate.metric.title) : .code("\(Figures.place(gate.scope)): \(gate.metric.title)")
            table.addRow([
                name, .text(Figures.value(gate.base.centre, gate.metric)),
                .text(Figures.value(gate.head.centre, gate.metric)), .text(Figures.change(gate)),
                .text(Figures.interval(gate.interval)), verdict(gate),
            ])
        }
        lines += table.lines
        lines += scopes("call site", result.callSites)
        lines += scopes("program", result.programs)
        if !result.problems.isEmpty {
            lines += [""] + result.problems.map { "- " + MarkdownTable.escaped($0.text) }
        }
        let options = result.options
        lines += [
            "",
            "\(Quantities.count(result.base.sessions.count, "run")) before, "
                + "\(Quantities.count(result.head.sessions.count, "run")) after; "
                + "intervals of \(Figures.percent(options.confidence)), smallest change of interest "
                + "\(Figures.percent(options.threshold)).",
        ]
        return lines.map { $0 + "\n" }.joined()
    }

    private static func verdict(_ result: ComparisonResult) -> String {
        switch result.verdict {
        case .worse: "worse"
        case .better: "better"
        case .same: "no change"
        case .inconclusive: "cannot tell"
        }
    }

    private static func verdict(_ gate: ComparedRow) -> MarkdownTable.Cell {
        switch gate.verdict {
        case .worse: .strong("worse")
        case .better: .text("better")
        case .same: .text("same")
        case .inconclusive: .text("unclear" + (gate.reason.map { " (\(Figures.reason($0)))" } ?? ""))
        }
    }

    /// The table of scopes that are new, vanished, or changed their number of spawns.
    private static func scopes(_ title: String, _ scopes: [ComparedScope]) -> [String] {
        let changed = scopes.filter { $0.presence != .both || $0.spawnsChange != 0 }
        guard !changed.isEmpty else { return [] }
        var table = MarkdownTable([
            .init(title), .init(""), .init("spawns", .right), .init("overhead", .right), .init("of change", .right),
        ])
        for scope in changed.prefix(mostScopes) {
            table.addRow([
                .code(Figures.place(scope.scope)), .text(scope.presence == .both ? "" : scope.presence.rawValue),
                .text(Figures.signed(scope.spawnsChange)),
                .text(scope.overheadChange.map(Figures.signedDuration) ?? "–"), .text(Figures.percent(scope.share)),
            ])
        }
        let others = changed.count - mostScopes
        return [""] + table.lines + (others > 0 ? ["", "and \(others) more"] : [])
    }
}
