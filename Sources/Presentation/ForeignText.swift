/// The one rule for text that came from elsewhere: names of programs, functions, threads and files, command lines, host names, and
/// whatever else a recording, a file or an argument holds. Every output applies it, standard error included.
///
/// Each character that is not seen as itself becomes `\u{…}` with its number in hexadecimal: controls, line breaks and tabs among
/// them, marks that turn the direction of writing (Unicode TR 36; CVE-2021-42574), other invisible ones, and what is no assigned
/// character. So a foreign text is always one line, commands no terminal, and is legal in XML 1.0; lines are broken by us alone.
/// Formats with escapes of their own (JSON, YAML) write the same characters by those, so that readers get the text back.
package enum ForeignText {
    /// `text` on one line, every character of it seen.
    package static func shown(_ text: String) -> String {
        // Nearly all text is this.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7f }), text.unicodeScalars.contains(where: isHidden)
        else { return text }
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

    /// `text` as a frame of a folded stack, with `:` for `;`, which separates frames.
    package static func frame(_ text: String) -> String {
        let shown = shown(text)
        guard shown.utf8.contains(UInt8(ascii: ";")) else { return shown }
        return String(decoding: shown.utf8.map { $0 == UInt8(ascii: ";") ? UInt8(ascii: ":") : $0 }, as: UTF8.self)
    }

    /// Texts that we put on lines of their own: each stays one line.
    package static func lines(_ texts: [String]) -> String { texts.map { shown($0) + "\n" }.joined() }

    /// Whether the rule escapes it.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: return true
        // Fillers and variation selectors are letters and marks by their category, and nothing to the eye; neither is the Braille
        // pattern without dots.
        default: return scalar.properties.isDefaultIgnorableCodePoint || scalar.value == 0x2800
        }
    }

    /// At most `width` characters, the middle left out, since both ends of a path and of a stack say more.
    package static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        guard width > 1 else { return String(text.prefix(max(0, width))) }
        let tail = (width - 1) / 2
        return text.prefix(width - 1 - tail) + "…" + text.suffix(tail)
    }
}
