/// The difference of two texts of as many lines as `diff -u` shows it, for texts in which lines were changed in place.
public enum UnifiedDiff {
    private static let context = 3

    /// Empty where they are the same.
    public static func lines(from old: [UInt8], to new: [UInt8], path: String) -> [String] {
        let (before, after) = (split(old), split(new))
        guard old != new, before.count == after.count else { return [] }
        let changed = before.indices.filter { before[$0] != after[$0] }
        var hunks: [Range<Int>] = []
        for line in changed {
            let range = max(0, line - context)..<min(before.count, line + context + 1)
            if let last = hunks.last, range.lowerBound <= last.upperBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        var lines = ["--- \(path)", "+++ \(path)"]
        for hunk in hunks {
            let place = "\(hunk.lowerBound + 1),\(hunk.count)"
            lines.append("@@ -\(place) +\(place) @@")
            var index = hunk.lowerBound
            while index < hunk.upperBound {
                // Neighbouring changes stand together, the old lines first.
                let end = hunk[index...].first { before[$0] == after[$0] } ?? hunk.upperBound
                if end == index {
                    lines += shown(" ", before[index])
                    index += 1
                } else {
                    for line in index..<end { lines += shown("-", before[line]) }
                    for line in index..<end { lines += shown("+", after[line]) }
                    index = end
                }
            }
        }
        return lines
    }

    /// Each line with what ends it.
    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            lines.append(bytes[start...index])
            start = index + 1
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }

    private static func shown(_ mark: String, _ line: ArraySlice<UInt8>) -> [String] {
        guard line.last == UInt8(ascii: "\n") else {
            return [mark + String(decoding: line, as: UTF8.self), "\\ No newline at end of file"]
        }
        return [mark + String(decoding: line.dropLast(), as: UTF8.self)]
    }
}
