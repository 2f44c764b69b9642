/// Identifies one recording for good: a UUID of version 7 (RFC 9562), whose first 48 bits are the milliseconds since
/// 1970, so that sessions sort by creation time.
package struct SessionID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 36 characters.
    package let text: String

    /// `time` is in nanoseconds since 1970.
    package init(time: UInt64, using random: inout some RandomNumberGenerator) {
        let milliseconds = time / 1_000_000
        let (first, second) = (random.next() as UInt64, random.next() as UInt64)
        let high = milliseconds << 16 | 0x7000 | first & 0x0fff
        let low = 0x8000_0000_0000_0000 | second & 0x3fff_ffff_ffff_ffff
        let digits = Self.hexadecimal(high) + Self.hexadecimal(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        text = String(try decoder.singleValueContainer().decode(String.self).prefix(36))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
