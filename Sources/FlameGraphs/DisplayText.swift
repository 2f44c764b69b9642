/// Text as it fits a picture.
enum DisplayText {
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

    /// A frame's name in at most `count` characters: a path loses its beginning, since its end tells.
    static func label(_ name: String, to count: Int) -> String {
        guard name.hasPrefix("/"), name.unicodeScalars.count > count else { return cut(name, to: count) }
        return "…" + String(name.unicodeScalars.suffix(count - 1))
    }

    /// Lines no wider than `width`, in hundredths of the font's size, broken at spaces where there are any; of more than `most`
    /// lines the last ends in `…`.
    static func wrapped(_ text: String, width: Int, most: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var words = text.split(separator: " ").map(String.init)[...]
        while let word = words.popFirst() {
            let joined = line.isEmpty ? word : line + " " + word
            if fits(joined, width) {
                line = joined
                continue
            }
            if line.isEmpty {
                let scalars = word.unicodeScalars
                let end = max(1, fitting(scalars, width))
                line = String(scalars.prefix(end))
                words = [String(scalars.dropFirst(end))] + words
            } else {
                words = [word] + words
            }
            lines.append(line)
            line = ""
            guard lines.count < most else {
                let last = (lines[most - 1] + " ").unicodeScalars
                let mark = TextWidth.hundredths("…")
                lines[most - 1] = String(last.prefix(fitting(last, width - mark))) + "…"
                return lines
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    /// How many characters have room. A text of any length is looked at no further.
    private static func fitting(_ scalars: String.UnicodeScalarView, _ width: Int) -> Int {
        var rest = width
        var count = 0
        for scalar in scalars {
            rest -= TextWidth.hundredths(scalar)
            if rest < 0 { break }
            count += 1
        }
        return count
    }

    private static func fits(_ text: String, _ width: Int) -> Bool {
        var rest = width
        for scalar in text.unicodeScalars {
            rest -= TextWidth.hundredths(scalar)
            if rest < 0 { return false }
        }
        return true
    }
}
