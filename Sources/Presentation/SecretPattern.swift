/// A user's own pattern for secrets, in addition to the table: a regular expression in Swift's syntax (SE-0355).
package struct SecretPattern {
    private let expression: Regex<AnyRegexOutput>

    /// Throws if the text is no regular expression.
    package init(_ text: String) throws(SecretPatternError) {
        do {
            expression = try Regex(text)
        } catch {
            throw SecretPatternError()
        }
    }

    /// Bytes that an expression is matched against at a time. Backtracking takes time that grows faster than the text.
    package static let piece = 512
    /// After this time, words and rests of words not yet matched are hidden as a whole.
    static let mostTime = Duration.seconds(1)

    /// `words` with the mark in place of each match. No match spans two words. In a word longer than 512 bytes, only
    /// matches up to 256 bytes long are sure to be found.
    package func hidden(in words: [[UInt8]]) -> [[UInt8]] {
        let end = ContinuousClock.now + Self.mostTime
        return hidden(in: words) { ContinuousClock.now >= end }
    }

    /// `isTimeUp` is asked before each piece.
    package func hidden(in words: [[UInt8]], isTimeUp: () -> Bool) -> [[UInt8]] { words.map { hidden($0, isTimeUp) } }

    package func hidden(in words: [String]) -> [String] {
        hidden(in: words.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
    }

    private func hidden(_ word: [UInt8], _ isTimeUp: () -> Bool) -> [UInt8] {
        var ranges: [Range<Int>] = []
        var start = 0
        repeat {
            guard !isTimeUp() else {
                ranges.append(start..<word.count)
                break
            }
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
        // Repaired UTF-8 has more bytes, so that positions in the text do not apply to the word; all of it is hidden.
        guard text.utf8.elementsEqual(piece) else { return [piece.startIndex..<piece.endIndex] }
        return found.map { range in
            let start = piece.startIndex + text.utf8.distance(from: text.startIndex, to: range.lowerBound)
            return start..<start + text.utf8.distance(from: range.lowerBound, to: range.upperBound)
        }
    }
}

package struct SecretPatternError: Error {}
