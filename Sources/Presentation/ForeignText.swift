/// The one rule for untrusted text: names of programs, functions, threads and files, command lines, host names, and
/// anything else from a recording, a file or an argument. Every output applies it, standard error included.
///
/// Each character that is not visible as itself becomes `\u{…}` with its hexadecimal number: controls, line breaks and
/// tabs, bidirectional marks (Unicode TR 36; CVE-2021-42574), other invisible characters, and unassigned ones. So
/// untrusted text always stays on one line, sends no commands to a terminal, and is legal in XML 1.0. Formats with
/// their own escapes (JSON, YAML) use those for the same characters, so that readers get the text back.
package enum ForeignText {
    /// `text` on one line, with every character visible.
    package static func shown(_ text: String) -> String {
        // The fast path, for nearly all text.
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

    /// `text` as a frame of a folded stack: `:` replaces `;`, which separates frames.
    package static func frame(_ text: String) -> String {
        let shown = shown(text)
        guard shown.utf8.contains(UInt8(ascii: ";")) else { return shown }
        return String(decoding: shown.utf8.map { $0 == UInt8(ascii: ";") ? UInt8(ascii: ":") : $0 }, as: UTF8.self)
    }

    /// Each text on a line of its own.
    package static func lines(_ texts: [String]) -> String { texts.map { shown($0) + "\n" }.joined() }

    /// Whether the rule escapes this character.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: return true
        // Fillers and variation selectors are letters and marks by category but invisible, and so is the Braille
        // pattern without dots.
        default: return scalar.properties.isDefaultIgnorableCodePoint || scalar.value == 0x2800
        }
    }

    /// Shortens text to `width` characters by leaving out the middle, since both ends of a path or stack say more.
    package static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        guard width > 1 else { return String(text.prefix(max(0, width))) }
        let tail = (width - 1) / 2
        return text.prefix(width - 1 - tail) + "…" + text.suffix(tail)
    }
}
