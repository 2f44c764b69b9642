internal import Presentation
internal import Reports

/// A comparison as text for people. Lines are no wider than the terminal, or 80 columns if the terminal is narrower.
package struct ComparisonText {
    package struct Options: Hashable, Sendable {
        /// Columns; less than 80 counts as 80.
        package var width = 80
        package var isColoured = false
        /// Every program and call site, with all their figures.
        package var showsAll = false

        package init() {}
    }

    let result: ComparisonResult
    let options: Options
    let width: Int

    package init(_ result: ComparisonResult, _ options: Options) {
        self.result = result
        self.options = options
        width = max(80, options.width)
    }

    package var lines: [String] {
        let sections = [heading, gateLines, otherLines, callSiteLines, programLines, problemLines, [conclusion]]
        return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
    }

    // MARK: - What is compared

    private var heading: [String] {
        func side(_ name: String, _ side: ComparisonResult.Side) -> String {
            let runs = Quantities.count(side.sessions.count, "run")
            let what = side.command.isEmpty ? side.sessions.first ?? "" : side.command.joined(separator: " ")
            return fitted("\(name)  \(runs)  \(what)", width)
        }
        return [side("base", result.base), side("head", result.head)] + wrapped(method)
    }

    private var method: String {
        let isOne = min(result.base.sessions.count, result.head.sessions.count) < 2
        let order =
            switch result.order {
            case _ where isOne: "one run on a side does not show how much times vary: only counts are compared"
            case .paired: "recorded in turns, run beside run"
            case .known: "not recorded in turns: what drifted meanwhile looks like a change"
            case .unknown: "recorded in an order that is not known: what drifted looks like a change"
            }
        return "\(order); intervals of \(Figures.percent(result.options.confidence)), smallest change of interest "
            + "\(Figures.percent(result.options.threshold))"
    }

    // MARK: - Figures

    private static let columns = [11, 11, 10, 18]

    private func table(_ name: String, _ cells: [String], _ last: String) -> String {
        let numbers = zip(cells, Self.columns).map { right($0, $1) }.joined()
        return left(name, width - 78 + 18) + numbers + "  " + last
    }

    private func titles(_ name: String) -> String {
        bold(table(name, ["base", "head", "change", "interval"], "verdict"))
    }

    private func line(_ row: ComparedRow, _ name: String) -> String {
        let cells = [
            Figures.value(row.base.centre, row.metric), Figures.value(row.head.centre, row.metric),
            Figures.change(row), Figures.interval(row.interval),
        ]
        let room = width - 78 + 17
        let text = table(fitted(name, room), cells, verdict(row))
        return visible(text) ? text : fitted(text, width)
    }

    /// Whether the line may stay as it is. Coloured text is not measured, since its columns already fit.
    private func visible(_ text: String) -> Bool { options.isColoured || text.count <= width }

    private func verdict(_ row: ComparedRow) -> String {
        switch row.verdict {
        case .worse: red("worse")
        case .better: green("better")
        case .same: "same"
        case .inconclusive: row.isGate ? yellow("unclear") : "unclear"
        }
    }

    private var gateLines: [String] {
        let gates = result.gates
        guard !gates.isEmpty else { return [bold("NO GATES")] }
        var lines = [titles("GATES")]
        for gate in gates {
            lines.append(line(gate, Figures.title(gate)))
            if let reason = gate.reason, gate.verdict == .inconclusive {
                lines.append("  " + dim(fitted(Figures.reason(reason), width - 2)))
            } else if let p = gate.p, gate.verdict != .same {
                lines.append("  " + dim("p = \(Figures.p(p)), corrected for the number of gates"))
            }
        }
        return lines
    }

    private var otherLines: [String] {
        let rows = result.whole.filter { !$0.isGate && ($0.base.largest ?? 0 > 0 || $0.head.largest ?? 0 > 0) }
        guard !rows.isEmpty else { return [] }
        return [titles("NOT GATED")] + rows.map { line($0, $0.metric.title) }
    }

    // MARK: - Where

    private static let mostScopes = 5

    private var callSiteLines: [String] { scopes("CALL SITES", result.callSites) }
    private var programLines: [String] { scopes("PROGRAMS", result.programs) }

    private func scopes(_ title: String, _ scopes: [ComparedScope]) -> [String] {
        let telling = options.showsAll ? scopes : scopes.filter(isTelling)
        guard !telling.isEmpty else { return [] }
        let shown = options.showsAll ? telling : Array(telling.prefix(Self.mostScopes))
        let more = shown.count < scopes.count ? "  (\(shown.count) of \(scopes.count), --all)" : ""
        var lines = [
            bold(left(title, 12) + right("spawns", 12) + right("overhead", 12) + right("of change", 11)) + dim(more)
        ]
        for scope in shown {
            let cells = [
                left("", 12), right(Figures.signed(scope.spawnsChange), 12),
                right(scope.overheadChange.map(Figures.signedDuration) ?? "–", 12),
                right(Figures.percent(scope.share), 11),
            ]
            let mark = scope.presence == .both ? "" : "  " + scope.presence.rawValue
            lines.append(fitted(Figures.place(scope.scope), width))
            lines.append(cells.joined() + (scope.presence == .new ? red(mark) : mark))
            if options.showsAll { lines += scope.rows.map { line($0, "  " + $0.metric.title) } }
        }
        return lines
    }

    /// Whether the scope is shown without `--all`.
    private func isTelling(_ scope: ComparedScope) -> Bool {
        scope.presence != .both || scope.spawnsChange != 0
            || scope.rows.contains { ($0.verdict == .worse || $0.verdict == .better) && $0.metric == .time(.overhead) }
    }

    // MARK: - What it comes to

    private var problemLines: [String] {
        result.problems.flatMap { problem in
            wrapped((problem.blocks ? "! " : "- ") + ForeignText.shown(problem.text)).map {
                problem.blocks ? yellow($0) : $0
            }
        }
    }

    private var conclusion: String {
        func names(_ verdict: ComparedRow.Verdict) -> String {
            fitted(result.gates.filter { $0.verdict == verdict }.map(Figures.title).joined(separator: ", "), width - 14)
        }
        switch result.verdict {
        case .worse: return red(bold("worse: \(names(.worse))"))
        case .better: return green(bold("better: \(names(.better))"))
        case .same: return bold("same: no gate changed by \(Figures.percent(result.options.threshold)) or more")
        case .inconclusive:
            let unclear = names(.inconclusive)
            return yellow(bold("cannot tell" + (unclear.isEmpty ? "" : ": \(unclear)")))
        }
    }
}
