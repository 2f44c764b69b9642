/// Fits text into a picture.
enum DisplayText {
    /// At most `count` characters; the last one is `…` if some are missing. The cost does not depend on the length of
    /// the text.
    static func cut(_ text: String, to count: Int) -> String {
        // Cut by scalars, since one character may have thousands of combining marks.
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return text }
        return String(scalars[..<scalars.index(before: end)]) + "…"
    }

    /// A frame's name in at most `count` characters. A path is cut at its beginning, since its end says more.
    static func label(_ name: String, to count: Int) -> String {
        guard name.hasPrefix("/"), name.unicodeScalars.count > count else { return cut(name, to: count) }
        return "…" + String(name.unicodeScalars.suffix(count - 1))
    }

    /// Breaks text into lines no wider than `width`, in hundredths of the font size, at spaces where possible. At most
    /// `most` lines; the last ends in `…` if text is missing.
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

    /// How many characters fit. Stops at the first that does not, whatever the text's length.
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
