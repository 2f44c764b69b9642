internal import Presentation

/// Columns, colours and line breaks. Every text goes through `fitted`, which escapes it, before it is coloured.
extension TextReport {
    func bold(_ text: String) -> String { coloured(text, "1") }
    func dim(_ text: String) -> String { coloured(text, "2") }
    func red(_ text: String) -> String { coloured(text, "31") }
    func cyan(_ text: String) -> String { coloured(text, "36") }

    /// Colours text with an SGR sequence (ECMA-48).
    private func coloured(_ text: String, _ code: String) -> String {
        options.isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// The number of characters that a terminal shows of a text, without its colour codes.
    static func visibleLength(_ text: String) -> Int {
        var count = 0
        var isInCode = false
        for character in text {
            if character == "\u{1b}" {
                isInCode = true
            } else if isInCode {
                isInCode = character != "m"
            } else {
                count += 1
            }
        }
        return count
    }

    /// Escapes the text and, unless with `--all`, shortens it to `room` characters.
    func fitted(_ text: String, _ room: Int) -> String {
        let plain = ForeignText.shown(text)
        return options.showsAll ? plain : ForeignText.shortened(plain, to: room)
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Breaks text at spaces; all lines but the first are indented.
    func wrapped(_ text: String, indent: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }

    /// A heading, with how much of its list is shown if that is not all.
    func title(_ text: String, _ shown: Int, of count: Int) -> String {
        guard shown < count else { return bold(text) }
        return bold(text) + dim("  (\(Quantities.grouped(shown)) of \(Quantities.grouped(count)), --all)")
    }
}
