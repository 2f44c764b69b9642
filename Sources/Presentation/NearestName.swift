/// What somebody who mistyped a name most likely meant.
package enum NearestName {
    /// Longer ones are not looked at: the time is by the product of the lengths.
    private static let longest = 128

    /// The first of those that are the fewest letters away; `nil` where none is near: one letter in three, three at most.
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

    /// ` (did you mean 'record'?)`, or nothing.
    package static func question(_ word: String, among names: some Sequence<String>) -> String {
        of(word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    }

    /// Letters that are too many, missing or others, and neighbours that changed places. (Damerau, "A technique for computer detection
    /// and correction of spelling errors", 1964; each place is changed once)
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
