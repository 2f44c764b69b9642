/// Builds pieces of an XML 1.0 document as bytes.
package struct XMLText {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Appends markup unescaped.
    package mutating func append(_ markup: StaticString) {
        markup.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func append(_ number: some BinaryInteger) { bytes.append(contentsOf: String(number).utf8) }

    /// Appends text escaped for an element or a quoted attribute.
    package mutating func appendEscaped(_ text: String) {
        for byte in ForeignText.shown(text).utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "'"): append("&#39;")
            default: bytes.append(byte)
            }
        }
    }

    /// Appends a script or style sheet of this program, for a CDATA section.
    package mutating func append(data: [UInt8]) { bytes += data }

    /// Appends `part` of `whole` in percent, such as `12.3456`, rounded down.
    package mutating func appendPercent(_ part: UInt64, of whole: UInt64) {
        append(scaled: Self.scaled(part, of: whole))
    }

    /// Appends the distance of two positions in percent, from their rounded values, so that neighbours neither overlap
    /// nor leave a gap.
    package mutating func appendWidth(_ start: UInt64, _ end: UInt64, of whole: UInt64) {
        append(scaled: Self.scaled(end, of: whole) - Self.scaled(start, of: whole))
    }

    /// `part` of `whole` in ten-thousandths of a percent, rounded down.
    private static func scaled(_ part: UInt64, of whole: UInt64) -> UInt64 {
        guard part < whole else { return part == 0 ? 0 : 1_000_000 }
        let (high, low) = part.multipliedFullWidth(by: 1_000_000)
        return whole.dividingFullWidth((high, low)).quotient
    }

    private mutating func append(scaled: UInt64) {
        append(scaled / 10_000)
        let fraction = scaled % 10_000
        guard fraction > 0 else { return }
        append(".")
        bytes.append(contentsOf: String(10_000 + fraction).utf8.dropFirst())
    }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
