/// The difference of two texts as `diff -u` shows it, where lines were changed in place or taken out.
package enum UnifiedDiff {
    private static let context = 3

    /// A line of the old text, and the one that stands for it in the new.
    private struct Pair {
        var old: ArraySlice<UInt8>
        /// `nil`: it was taken out.
        var new: ArraySlice<UInt8>?
        /// Where that is, or would be.
        var newIndex: Int

        var isSame: Bool { new == old }
    }

    /// Empty where they are the same. `removed`: the lines that were taken out, from 0.
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
        // Of no lines diff names the one before them.
        let start = (hunk.first?.newIndex ?? 0) + (count > 0 ? 1 : 0)
        var lines = ["@@ -\(hunk.startIndex + 1),\(hunk.count) +\(start),\(count) @@"]
        var index = hunk.startIndex
        while index < hunk.endIndex {
            // Neighbouring changes stand together, the old lines first.
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
