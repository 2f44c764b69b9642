/// A word of a list that newer versions may extend: an unknown word is not an error.
package struct Lenient<Word: RawRepresentable & Hashable & Sendable>: Hashable, Sendable, Codable
where Word.RawValue == String {
    package let text: String

    package init(_ word: Word) { text = word.rawValue }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// `nil` if this version does not know the word.
    package var word: Word? { Word(rawValue: text) }
}
