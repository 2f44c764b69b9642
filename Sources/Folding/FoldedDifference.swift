internal import ByteAccess
internal import Profiles

/// Two folded profiles side by side: a line `outermost;…;innermost base head` for each stack of either, sorted by
/// stack, as Brendan Gregg's difffolded.pl prints them for flamegraph.pl.
package struct FoldedDifference {
    private var weights: [String: (base: UInt64, head: UInt64)] = [:]

    package init() {}

    /// Adds a profile to one of the sides.
    package mutating func add(_ text: FoldedText, isHead: Bool) {
        text.write { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let space = line.lastIndex(of: UInt8(ascii: " ")),
                    let weight = UInt64(String(decoding: line[(space + 1)...], as: UTF8.self))
                else { continue }
                let stack = String(decoding: line[..<space], as: UTF8.self)
                var sides = weights[stack] ?? (0, 0)
                if isHead {
                    sides.head = sides.head.addingSaturating(weight)
                } else {
                    sides.base = sides.base.addingSaturating(weight)
                }
                weights[stack] = sides
            }
            return true
        }
    }

    package var lines: [String] {
        weights.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\($0.key) \($0.value.base) \($0.value.head)" }
    }
}
