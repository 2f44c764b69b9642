/// Replaces the numbers of a budget file by the figures of the session that was checked against it; all other bytes
/// stay.
package struct BudgetUpdate: Sendable {
    package private(set) var bytes: [UInt8]
    /// Figures that were not written, and why.
    package private(set) var notes: [String] = []
    /// The lines that were removed, counted from 0.
    package private(set) var removedLines: Set<Int> = []

    /// `bytes` must be the file that the verdict was made with. Only counts are set: the times of one run are noise,
    /// and a leak that the file does not allow must not be allowed automatically.
    package init(of bytes: [UInt8], to verdict: BudgetVerdict) {
        var edits: [(range: Range<Int>, text: String)] = []
        for entry in verdict.entries where !entry.matchesNothing {
            for row in entry.rows {
                guard let figure = row.figure, figure != row.limit.most else { continue }
                guard let source = row.limit.source else {
                    notes.append(
                        "budget '\(entry.budget.name)': \(row.limit.metric.name) is \(figure), and 0 unless the file says"
                            + " otherwise: repair it, or allow it by hand")
                    continue
                }
                guard !row.limit.metric.isTime else {
                    if row.conclusion == .over {
                        notes.append("budget '\(entry.budget.name)': \(row.message): times are set by hand")
                    }
                    continue
                }
                edits.append((source.range, String(figure)))
            }
        }
        edits.sort { $0.range.lowerBound < $1.range.lowerBound }
        self.bytes = Self.applying(edits, to: bytes)
        // Numbers have no line breaks, so the line numbers are still right.
        remove(verdict.entries)
    }

    /// Removes budgets that match nothing, with their lines. Each must be a block, or an entry in braces with lines of
    /// its own. Comments between budgets stay.
    private mutating func remove(_ entries: [BudgetVerdict.Entry]) {
        let gone = entries.filter(\.matchesNothing).map(\.budget)
        guard !gone.isEmpty else { return }
        let kept = entries.filter { !$0.matchesNothing }.map(\.budget.name)
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let fits = gone.allSatisfy { budget in
            let place = budget.position.line - 1
            guard lines.indices.contains(place), budget.lastLine > place, budget.lastLine <= lines.count else {
                return false
            }
            return lines[place].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "-")
        }
        if fits {
            for budget in gone.sorted(by: { $0.position.line > $1.position.line }) {
                lines.removeSubrange(budget.position.line - 1..<budget.lastLine)
            }
        }
        let shorter = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        // A person must remove budgets that share a line with others, or that are all the file has.
        guard fits, let read = try? BudgetFile(yaml: shorter), read.budgets.map(\.name) == kept else {
            notes += gone.map { "budget '\($0.name)' matches no spawn: remove it by hand" }
            return
        }
        bytes = shorter
        for budget in gone { removedLines.formUnion(budget.position.line - 1..<budget.lastLine) }
    }

    /// Replaces ranges of Unicode scalars, which are ascending and disjoint.
    private static func applying(_ edits: [(range: Range<Int>, text: String)], to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = edits[...]
        var scalar = -1
        for byte in bytes {
            // Every byte except UTF-8 continuation bytes begins a scalar.
            if byte & 0xc0 != 0x80 {
                scalar += 1
                while let edit = rest.first, scalar >= edit.range.upperBound { rest = rest.dropFirst() }
                if let edit = rest.first, scalar == edit.range.lowerBound { result += edit.text.utf8 }
            }
            if let edit = rest.first, edit.range.contains(scalar) { continue }
            result.append(byte)
        }
        return result
    }
}
