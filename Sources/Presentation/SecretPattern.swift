/// What a user says is a secret besides the table: a regular expression in Swift's syntax (SE-0355).
public struct SecretPattern {
    public struct Problem: Error {}

    private let expression: Regex<AnyRegexOutput>

    /// Throws for what is no regular expression.
    public init(_ text: String) throws(Problem) {
        do {
            expression = try Regex(text)
        } catch {
            throw Problem()
        }
    }

    /// Bytes that an expression is asked for at a time: one that goes back and forth takes a time that grows faster than its text.
    static let piece = 4096

    /// `words` with the mark in place of each match, of which none spans two words. Of a word longer than 4 KiB, matches up to 2 KiB
    /// long are sure to be found.
    public func hidden(in words: [[UInt8]]) -> [[UInt8]] { words.map(hidden) }

    public func hidden(in words: [String]) -> [String] {
        words.map { String(decoding: hidden(Array($0.utf8)), as: UTF8.self) }
    }

    private func hidden(_ word: [UInt8]) -> [UInt8] {
        var ranges: [Range<Int>] = []
        var start = 0
        repeat {
            let end = min(start + Self.piece, word.count)
            ranges += matches(in: word[start..<end])
            start = end < word.count ? start + Self.piece / 2 : end
        } while start < word.count
        return SecretRanges.hiding(SecretRanges.merged(ranges), in: word)
    }

    private func matches(in piece: ArraySlice<UInt8>) -> [Range<Int>] {
        let text = String(decoding: piece, as: UTF8.self)
        let found = text.ranges(of: expression)
        guard !found.isEmpty else { return [] }
        // Repaired bytes are more than they were, so that places in the text are none in the word.
        guard text.utf8.elementsEqual(piece) else { return [piece.startIndex..<piece.endIndex] }
        return found.map { range in
            let start = piece.startIndex + text.utf8.distance(from: text.startIndex, to: range.lowerBound)
            return start..<start + text.utf8.distance(from: range.lowerBound, to: range.upperBound)
        }
    }
}
