internal import Presentation
internal import Reports
internal import SpawnStatistics

extension BudgetVerdict {
    /// The verdict as text for people and build logs. Lines are not shortened.
    package func textLines(path: String) -> [String] {
        var lines: [String] = []
        if !facts.command.isEmpty { lines.append(facts.command.joined(separator: " ")) }
        let nameWidth = min(max(6, entries.map(\.budget.name.count).max() ?? 0), 32)
        let metricWidth = max(6, entries.flatMap(\.rows).filter(\.isShown).map(\.limit.metric.name.count).max() ?? 0)
        func row(_ name: String, _ metric: String, _ figure: String, _ most: String, _ mark: String) -> String {
            let columns = [
                left(ForeignText.shortened(ForeignText.shown(name), to: nameWidth), nameWidth),
                left(metric, metricWidth), right(figure, 9), right(most, 9), mark,
            ]
            return columns.joined(separator: "  ")
        }
        lines.append(row("BUDGET", "LIMIT", "ACTUAL", "AT MOST", ""))
        for entry in entries {
            for of in entry.rows where of.isShown {
                let mark =
                    switch of.conclusion {
                    case .within: "ok"
                    case .over: "OVER \(of.excessText)"
                    case .unknown: "CANNOT TELL"
                    }
                lines.append(row(entry.budget.name, of.limit.metric.name, of.figureText, of.limitText, mark))
                if of.conclusion == .unknown, let reason = of.reason, reason != doubts.first?.text {
                    lines.append("    \(reason)")
                }
                lines += of.causeLines.map { "    " + $0 }
            }
            if let warning = entry.warning { lines.append("    warning: \(warning)") }
        }
        lines += notes.map { "note: \($0)" }
        lines += doubts.map { "doubt: \($0.text)" }
        lines.append("\(summary) (\(path))")
        return lines.map { trimmed(ForeignText.shown($0)) }
    }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func trimmed(_ line: String) -> String {
        guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
        return String(line[...last])
    }
}
