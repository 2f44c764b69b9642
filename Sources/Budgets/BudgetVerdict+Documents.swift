internal import Presentation
internal import Reports

extension BudgetVerdict {
    /// The verdict as Markdown for a comment on a pull request, or a job's summary.
    package func markdown(path: String) -> String {
        let mark =
            switch conclusion {
            case .within: "✅"
            case .over: "❌"
            case .unknown: "❔"
            }
        var lines = ["### \(mark) Spawn budget", "", MarkdownTable.escaped("\(summary) (\(path))"), ""]
        var table = MarkdownTable([
            .init("budget"), .init("limit"), .init("actual", .right), .init("at most", .right), .init("verdict"),
        ])
        for entry in entries {
            for row in entry.rows where row.isShown {
                let verdict: MarkdownTable.Cell =
                    switch row.conclusion {
                    case .within: .text(entry.matchesNothing ? "ok, matches nothing" : "ok")
                    case .over: .strong("over \(row.excessText)")
                    case .unknown: .text("cannot tell: \(row.reason ?? "")")
                    }
                table.addRow([
                    .text(entry.budget.name), .code(row.limit.metric.name), .text(row.figureText),
                    .text(row.limitText), verdict,
                ])
            }
        }
        lines += table.lines
        if entries.contains(where: { $0.rows.contains { !$0.causes.isEmpty } }) {
            lines += [""] + causeTable.lines
        }
        for line in warnings.map({ "⚠️ Warning: \($0)" }) + notes.map({ "Note: \($0)" })
            + doubts.map({ "Doubt: \($0.text)" })
        {
            lines += ["", MarkdownTable.escaped(line)]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var causeTable: MarkdownTable {
        var table = MarkdownTable([
            .init("over"), .init("part", .right), .init("call site"), .init("program"), .init("note"),
        ])
        for entry in entries {
            for row in entry.rows {
                for cause in row.causes {
                    table.addRow([
                        .text("\(entry.budget.name): \(row.limit.metric.name)"),
                        .text(String(cause.amount)), .code(cause.place), .code(cause.program?.text ?? ""),
                        .text(cause.notes.joined(separator: ", ")),
                    ])
                }
            }
        }
        return table
    }

    /// The verdict as JUnit XML, with a test case for each limit. Cases are named by the budget and the metric, so that
    /// names stay the same when a number changes.
    package func jUnit(path: String) -> String {
        var cases = [
            JUnitXML.TestCase(
                name: "complete", className: "session",
                result: doubts.first.map {
                    .error(message: $0.text, details: doubts.map(\.text))
                }
                    ?? .passed,
                output: notes)
        ]
        for entry in entries {
            if let warning = entry.warning {
                cases.append(
                    JUnitXML.TestCase(
                        name: "selector", className: entry.budget.name,
                        result: isStrict ? .error(message: warning) : .passed, output: isStrict ? [] : [warning]))
            }
            for row in entry.rows {
                let result: JUnitXML.Result =
                    switch row.conclusion {
                    case .within: .passed
                    case .over: .failed(message: row.message, details: row.causeLines)
                    case .unknown: .error(message: row.message)
                    }
                cases.append(
                    JUnitXML.TestCase(
                        name: row.limit.metric.name, className: entry.budget.name, result: result,
                        output: row.conclusion == .within ? [row.message] : []))
            }
        }
        return JUnitXML.document(name: "spawnscope budget", [JUnitXML.Suite(name: path, cases: cases)])
    }
}
