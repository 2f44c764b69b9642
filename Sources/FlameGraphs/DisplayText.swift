/// Text of the machine under test, as it may be shown.
enum DisplayText {
    /// Every character that XML 1.0 forbids or that is not seen as itself becomes `\u{…}`: control characters, marks that turn
    /// the direction of writing (CVE-2021-42574), other invisible ones, and what is no character.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return true
        default: return scalar.value & 0xfffe == 0xfffe
        }
    }

    /// At most `count` characters, the last one `…` where some are missing. No matter how long the text is, it is looked at as
    /// far as it is shown.
    static func cut(_ text: String, to count: Int) -> String {
        // By scalars: one character may have thousands of combining marks.
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return text }
        return String(scalars[..<scalars.index(before: end)]) + "…"
    }

    /// The same of a frame's name: a path tells by its end.
    static func label(_ name: String, to count: Int) -> String {
        guard name.hasPrefix("/"), name.unicodeScalars.count > count else { return cut(name, to: count) }
        return "…" + String(name.unicodeScalars.suffix(count - 1))
    }

    /// Lines of at most `width` characters, broken at spaces where there are any; of more than `most` lines the last ends in `…`.
    static func wrapped(_ text: String, width: Int, most: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var words = text.split(separator: " ").map(String.init)[...]
        while let word = words.popFirst() {
            let joined = line.isEmpty ? word : line + " " + word
            if joined.unicodeScalars.count <= width {
                line = joined
                continue
            }
            if line.isEmpty {
                let scalars = word.unicodeScalars
                line = String(scalars.prefix(width))
                words = [String(scalars.dropFirst(width))] + words
            } else {
                words = [word] + words
            }
            lines.append(line)
            line = ""
            guard lines.count < most else {
                lines[most - 1] = cut(lines[most - 1] + " …", to: width)
                return lines
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}
