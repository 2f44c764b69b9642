internal import Presentation
internal import Reports
internal import SpawnStatistics

/// Texts that all forms of a verdict share.
extension BudgetVerdict {
    /// One line with the conclusion.
    package var summary: String {
        let rows = entries.flatMap(\.rows)
        let over = rows.count { $0.conclusion == .over }
        let unknown = rows.count { $0.conclusion == .unknown }
        switch conclusion {
        case .within:
            let kept = "within budget: \(Quantities.count(rows.count, "limit")) kept"
            let none = entries.count(where: \.matchesNothing)
            guard none > 0 else { return kept }
            return kept + ", \(Quantities.count(none, "budget")) \(none == 1 ? "matches" : "match") nothing"
        case .over:
            let rest = unknown > 0 ? ", and \(Quantities.grouped(unknown)) cannot be told" : ""
            return
                "over budget: \(Quantities.grouped(over)) of \(Quantities.count(rows.count, "limit")) exceeded\(rest)"
        case .unknown:
            let reason = doubts.first?.text ?? rows.first { $0.conclusion == .unknown }?.reason ?? ""
            return "cannot tell whether it is within budget: \(reason)"
        }
    }

    /// Remarks that do not affect the verdict.
    package var notes: [String] {
        guard truncatedSpawns > 0, entries.contains(where: { $0.budget.selector.callSite != nil }) else {
            return skipped
        }
        return skipped + [
            "\(Quantities.count(truncatedSpawns, "spawn")) with a truncated stack: budgets by call site count only those"
                + " whose known frames match"
        ]
    }

    /// A line for each budget that matches nothing.
    package var warnings: [String] { entries.compactMap(\.warning) }

    static func quantity(_ amount: UInt64, of metric: BudgetMetric) -> String {
        metric.isTime ? Quantities.duration(amount) : Quantities.grouped(amount)
    }
}

extension BudgetVerdict.Entry {
    /// The warning that a budget matches nothing, with the budget's name, since it is also shown apart from its rows.
    var warning: String? {
        guard matchesNothing else { return nil }
        return
            "budget '\(budget.name)' matches no spawn of the session: what it limits is gone, or its selector is mistaken"
    }
}

extension BudgetVerdict.Row {
    /// Whether the row gets a line. Default limits get one only if they are exceeded or cannot be checked.
    var isShown: Bool { limit.source != nil || conclusion != .within }

    var figureText: String { figure.map { BudgetVerdict.quantity($0, of: limit.metric) } ?? "–" }
    var limitText: String { BudgetVerdict.quantity(limit.most, of: limit.metric) }

    /// How much the figure exceeds the limit.
    var excessText: String {
        guard conclusion == .over, let figure, figure > limit.most else { return "" }
        return "+" + BudgetVerdict.quantity(figure - limit.most, of: limit.metric)
    }

    /// One line with the figure and the limit, without the budget's name.
    var message: String {
        switch conclusion {
        case .within: "\(limit.metric.name): \(figureText), at most \(limitText)"
        case .over: "\(limit.metric.name): \(figureText), at most \(limitText) (\(excessText))"
        case .unknown: "\(limit.metric.name): cannot tell: \(reason ?? "")"
        }
    }

    /// Lines that name the causes of the excess.
    var causeLines: [String] {
        var lines = causes.map { cause in
            let longer = limit.metric.isTime ? " longer" : ""
            let notes = cause.notes.isEmpty ? "" : "  <- \(cause.notes.joined(separator: ", "))"
            let program = cause.program.map { ", starting \($0.text)" } ?? ""
            return "\(Quantities.grouped(cause.amount))\(longer) from \(cause.place)\(program)\(notes)"
        }
        if rest > 0 { lines.append("\(Quantities.grouped(rest)) from elsewhere") }
        return lines
    }
}

extension BudgetVerdict.Cause {
    /// The call site's telling frames and its process's comm.
    package var place: String {
        callSite == nil ? "the command itself" : "\(TellingFrames.text(stack)) [\(comm)]"
    }

    var notes: [String] {
        var notes: [String] = []
        if isNewCallSite { notes.append("new call site") }
        if isNewProgram { notes.append("new program") }
        if isOver { notes.append("its own budget is exceeded") }
        return notes
    }
}
