/// Writes JSON (RFC 8259) in pieces, so that a long list is never in memory as a whole.
package struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// For each open object or array, whether it has a member yet.
    private var hasContent: [Bool] = []
    private var isAfterKey = false

    /// The number of outer levels whose members and elements are on separate lines.
    private let brokenLevels: Int

    package init(brokenLevels: Int = 2) { self.brokenLevels = brokenLevels }

    /// The number of bytes that `take` would return.
    package var count: Int { bytes.count }

    /// Returns and removes the bytes written so far.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        separate()
        append(quoted: name)
        bytes += ": ".utf8
        isAfterKey = true
    }

    package mutating func value(_ text: String) {
        separate()
        append(quoted: text)
    }

    package mutating func value(_ number: some FixedWidthInteger) {
        separate()
        bytes += String(number).utf8
    }

    /// Writes null for a number that is not finite, which JSON cannot express.
    package mutating func value(_ number: Double) {
        separate()
        bytes += (number.isFinite ? String(number) : "null").utf8
    }

    /// Writes thousandths as a decimal number, exactly even where a Double would round.
    package mutating func value(thousandths: UInt64) {
        separate()
        bytes += "\(thousandths / 1000).\(String(1000 + thousandths % 1000).dropFirst())".utf8
    }

    package mutating func value(_ flag: Bool) {
        separate()
        bytes += (flag ? "true" : "false").utf8
    }

    // Members with a `nil` value are left out.

    package mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        key(name)
        value(text)
    }

    package mutating func member(_ name: String, _ number: (some FixedWidthInteger)?) {
        guard let number else { return }
        key(name)
        value(number)
    }

    package mutating func member(_ name: String, _ number: Double?) {
        guard let number, number.isFinite else { return }
        key(name)
        value(number)
    }

    package mutating func member(_ name: String, onlyIf flag: Bool) {
        guard flag else { return }
        key(name)
        value(true)
    }

    package mutating func member(_ name: String, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }

    package mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        hasContent.append(false)
    }

    private mutating func end(_ bracket: UInt8) {
        let had = hasContent.popLast() ?? false
        if had, hasContent.count < brokenLevels { breakLine() }
        bytes.append(bracket)
    }

    private mutating func separate() {
        guard !isAfterKey else {
            isAfterKey = false
            return
        }
        guard let last = hasContent.indices.last else { return }
        if hasContent[last] { bytes.append(UInt8(ascii: ",")) }
        if hasContent.count <= brokenLevels {
            breakLine()
        } else if hasContent[last] {
            bytes.append(UInt8(ascii: " "))
        }
        hasContent[last] = true
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: hasContent.count * 2))
    }

    private mutating func append(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
            // Escapes more than JSON requires: all characters that `ForeignText` hides, as JSON escapes, so that
            // readers get them back.
            case _ where ForeignText.isHidden(scalar):
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    bytes += "\\u".utf8
                    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
                    bytes += digits.utf8
                }
            default: bytes += String(scalar).utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
