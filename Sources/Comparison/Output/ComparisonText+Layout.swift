internal import Presentation
internal import Reports

extension ComparisonText {
    func bold(_ text: String) -> String { coloured(text, "1") }
    func dim(_ text: String) -> String { coloured(text, "2") }
    func red(_ text: String) -> String { coloured(text, "31") }
    func green(_ text: String) -> String { coloured(text, "32") }
    func yellow(_ text: String) -> String { coloured(text, "33") }

    /// Colours text with an SGR sequence (ECMA-48).
    private func coloured(_ text: String, _ code: String) -> String {
        options.isColoured && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// Escapes the text and shortens it to `room` characters.
    func fitted(_ text: String, _ room: Int) -> String { ForeignText.shortened(ForeignText.shown(text), to: room) }

    func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Breaks text at spaces, and within words longer than a line.
    func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var word = String(word)
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = "  "
            } else if !line.isEmpty {
                line += " "
            }
            while line.count + word.count > width {
                let room = width - line.count
                lines.append(line + word.prefix(room))
                word.removeFirst(room)
                line = "  "
            }
            line += word
        }
        return lines + [line]
    }
}
