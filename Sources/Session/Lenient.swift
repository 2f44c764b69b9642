/// A word of a list that newer versions may have more of: one that is not known here is no mistake.
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

    /// `nil` for one that is not known here.
    package var word: Word? { Word(rawValue: text) }
}
