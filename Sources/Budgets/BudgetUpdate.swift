/// The figures of a session written over those of the file that it was held against; every other byte stays.
public struct BudgetUpdate: Sendable {
    public private(set) var bytes: [UInt8]
    /// What was not written, and why.
    public private(set) var notes: [String] = []

    /// `bytes` are those that the verdict's file was read from. Counts alone are set: the times of one run are noise, and a leak
    /// that no number allows is not for a program to allow.
    public init(of bytes: [UInt8], to verdict: BudgetVerdict) {
        var edits: [(range: Range<Int>, text: String)] = []
        for entry in verdict.entries {
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
    }

    /// Ranges are of Unicode scalars, ascending and apart.
    private static func applying(_ edits: [(range: Range<Int>, text: String)], to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = edits[...]
        var scalar = -1
        for byte in bytes {
            // All but the continuation bytes of UTF-8 begin a scalar.
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
