/// Finds the name that a mistyped word most likely means.
package enum NearestName {
    /// Longer names are skipped: the time grows with the product of the lengths.
    private static let longest = 128

    /// The first of the names at the smallest edit distance; `nil` if none is near: at most one edit per three letters,
    /// and at most three.
    package static func of(_ word: String, among names: some Sequence<String>) -> String? {
        let typed = Array(word.lowercased().utf8)
        guard !typed.isEmpty, typed.count <= longest else { return nil }
        var best: (name: String, distance: Int)?
        var most = min(3, max(1, typed.count / 3))
        for name in names {
            let length = name.utf8.count
            guard length > 0, length <= longest, abs(length - typed.count) <= most else { continue }
            let distance = distance(typed, Array(name.lowercased().utf8))
            guard distance <= most, distance < best?.distance ?? .max else { continue }
            best = (name, distance)
            most = distance
        }
        return best?.name
    }

    /// ` (did you mean 'record'?)`, or an empty string.
    package static func question(_ word: String, among names: some Sequence<String>) -> String {
        of(word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    }

    /// The edit distance: insertions, deletions, substitutions, and swaps of neighbours. (Damerau, "A technique for
    /// computer detection and correction of spelling errors", 1964; no position is edited twice)
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var (before, last) = ([Int](), Array(0...right.count))
        for row in 1...max(left.count, 1) where row <= left.count {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1...max(right.count, 1) where column <= right.count {
                let isSame = left[row - 1] == right[column - 1]
                var least = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    least = min(least, before[column - 2] + 1)
                }
                current[column] = least
            }
            (before, last) = (last, current)
        }
        return last[right.count]
    }
}
