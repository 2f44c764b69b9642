/// Shortens a name that the Swift runtime has demangled: `closure #1 (Swift.Int) -> () in main.Box.add(_: Swift.Int,
/// to: Swift.Int) throws -> Swift.Int` becomes `closure #1 in main.Box.add(_:to:)`.
enum SwiftSignature {
    static func simplified(_ demangled: [UInt8]) -> [UInt8] {
        let text = String(decoding: demangled, as: UTF8.self)
        let parts = split(text[...], at: " in ").map(withoutTypes)
        return Array(parts.joined(separator: " in ").utf8)
    }

    /// Splits at the separators outside brackets.
    private static func split(_ text: Substring, at separator: String) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case "(", "<", "[": depth += 1
            case ")", "]": depth -= 1
            // The arrow of a function type closes nothing.
            case ">" where !text[..<index].hasSuffix("-"): depth -= 1
            default: break
            }
            if depth == 0, text[index...].hasPrefix(separator) {
                parts.append(text[start..<index])
                index = text.index(index, offsetBy: separator.count)
                start = index
            } else {
                index = text.index(after: index)
            }
        }
        parts.append(text[start...])
        return parts
    }

    /// One declaration without its result, effects and argument types.
    private static func withoutTypes(_ part: Substring) -> String {
        var declaration = split(part, at: " -> ").first ?? part
        for effect in [" throws", " async"] where declaration.hasSuffix(effect) {
            declaration = declaration.dropLast(effect.count)
        }
        // A property's type comes after a colon: `getter of main.Box.value : Swift.Int`.
        if let colon = split(declaration, at: " : ").first { declaration = colon }
        guard declaration.hasSuffix(")"), let open = matchingParenthesis(declaration) else {
            return String(declaration)
        }
        let arguments = declaration[declaration.index(after: open)...].dropLast()
        let name = declaration[..<open]
        // `closure #1 (Swift.Int)`: the parenthesis belongs to a type.
        if name.hasSuffix(" ") { return String(name.dropLast()) }
        let labels = arguments.isEmpty ? [] : split(arguments, at: ", ").map(label)
        return name + "(" + labels.joined() + ")"
    }

    /// The index of the parenthesis that the last character closes.
    private static func matchingParenthesis(_ text: Substring) -> Substring.Index? {
        var depth = 0
        for index in text.indices.reversed() {
            if text[index] == ")" { depth += 1 }
            if text[index] == "(" {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    private static func label(_ argument: Substring) -> String {
        let parts = split(argument, at: ": ")
        return parts.count > 1 ? parts[0] + ":" : "_:"
    }
}
