/// The difference of two texts as `diff -u` shows it. Lines may be changed in place or removed, but not added.
package enum UnifiedDiff {
    private static let context = 3

    /// A line of the old text, and the line that replaces it.
    private struct Pair {
        var old: ArraySlice<UInt8>
        /// `nil` if the line was removed.
        var new: ArraySlice<UInt8>?
        /// The index of the new line, or of the line after a removed one.
        var newIndex: Int

        var isSame: Bool { new == old }
    }

    /// The lines of the diff; empty if the texts are the same. `removed` holds the removed lines, counted from 0.
    package static func lines(from old: [UInt8], to new: [UInt8], path: String, removed: Set<Int> = []) -> [String] {
        let (before, after) = (split(old), split(new))
        let kept = before.indices.count { !removed.contains($0) }
        guard old != new, kept == after.count else { return [] }
        var pairs: [Pair] = []
        var next = 0
        for (index, line) in before.enumerated() {
            let isRemoved = removed.contains(index)
            pairs.append(Pair(old: line, new: isRemoved ? nil : after[next], newIndex: next))
            if !isRemoved { next += 1 }
        }
        var hunks: [Range<Int>] = []
        for index in pairs.indices where !pairs[index].isSame {
            let range = max(0, index - context)..<min(pairs.count, index + context + 1)
            if let last = hunks.last, range.lowerBound <= last.upperBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return ["--- \(path)", "+++ \(path)"] + hunks.flatMap { text(of: pairs[$0]) }
    }

    private static func text(of hunk: ArraySlice<Pair>) -> [String] {
        let count = hunk.count { $0.new != nil }
        // For an empty range diff gives the line before it.
        let start = (hunk.first?.newIndex ?? 0) + (count > 0 ? 1 : 0)
        var lines = ["@@ -\(hunk.startIndex + 1),\(hunk.count) +\(start),\(count) @@"]
        var index = hunk.startIndex
        while index < hunk.endIndex {
            // Adjacent changes are grouped, the old lines first.
            let end = hunk[index...].firstIndex(where: \.isSame) ?? hunk.endIndex
            if end == index {
                lines += shown(" ", hunk[index].old)
                index += 1
            } else {
                for pair in hunk[index..<end] { lines += shown("-", pair.old) }
                for case let line? in hunk[index..<end].map(\.new) { lines += shown("+", line) }
                index = end
            }
        }
        return lines
    }

    /// The lines with their line breaks.
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
