internal import Presentation
internal import Reports
internal import SpawnStatistics

/// What all forms of a verdict say in the same words.
extension BudgetVerdict {
    /// One line that tells how it ended.
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

    /// What is no verdict, and worth knowing.
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
    /// Not without its name, since it is told apart from its rows, too.
    var warning: String? {
        guard matchesNothing else { return nil }
        return
            "budget '\(budget.name)' matches no spawn of the session: what it limits is gone, or its selector is mistaken"
    }
}

extension BudgetVerdict.Row {
    /// Worth a line: limits that nobody wrote are, when they are not kept.
    var isShown: Bool { limit.source != nil || conclusion != .within }

    var figureText: String { figure.map { BudgetVerdict.quantity($0, of: limit.metric) } ?? "–" }
    var limitText: String { BudgetVerdict.quantity(limit.most, of: limit.metric) }

    /// By how much it is over.
    var excessText: String {
        guard conclusion == .over, let figure, figure > limit.most else { return "" }
        return "+" + BudgetVerdict.quantity(figure - limit.most, of: limit.metric)
    }

    /// One line of what is wrong, without the budget's name.
    var message: String {
        switch conclusion {
        case .within: "\(limit.metric.name): \(figureText), at most \(limitText)"
        case .over: "\(limit.metric.name): \(figureText), at most \(limitText) (\(excessText))"
        case .unknown: "\(limit.metric.name): cannot tell: \(reason ?? "")"
        }
    }

    /// Lines that name who exceeded it.
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
    /// The call site's telling frames, and what its process was called.
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
