/// A build ID, which session metadata holds as two hexadecimal digits per byte.
package struct BuildID: Hashable, Sendable, Codable {
    /// 1 to 20 bytes; empty if the input was no build ID.
    package let bytes: [UInt8]

    private static let mostBytes = 20

    package init(bytes: [UInt8]) { self.bytes = bytes.count <= Self.mostBytes ? bytes : [] }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2), digits.count <= 2 * Self.mostBytes else {
            bytes = []
            return
        }
        bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var text: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
