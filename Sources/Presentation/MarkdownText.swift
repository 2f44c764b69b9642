/// Foreign text in Markdown (https://github.github.com/gfm/), in a cell or in a paragraph of its own: shown as it is on one line
/// (`ForeignText`), without markup and without links.
enum MarkdownText {
    /// What would mark the text up is escaped, and so is what would begin a heading, a list or a quotation at its start. Readers make
    /// links of plain text, too, some of them after Markdown is done with it, so that no escape keeps them from it: addresses
    /// (`https://`, `www.`, mail) and references (`@name`, `#1`, `!1`, `GH-1`, checksums of commits). An empty element divides
    /// those; nothing of it is seen or copied.
    static func escaped(_ text: String) -> String {
        let scalars = Array(ForeignText.shown(text).unicodeScalars)
        var result = ""
        var isAtStart = true
        var isNumber = true
        var word = Word()
        for (index, scalar) in scalars.enumerated() {
            let isDigit = ("0"..."9").contains(scalar)
            word.take(scalar, scalars, index)
            if word.isLink { result += "<span></span>" }
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "|", "*", "_", "[", "]", "~", "$", "#", "!": result += "\\\(scalar)"
            case "-", "+", "=": result += isAtStart ? "\\\(scalar)" : String(scalar)
            // `1.` and `1)` begin a list.
            case ".", ")": result += isNumber && !isAtStart ? "\\\(scalar)" : String(scalar)
            default: result.unicodeScalars.append(scalar)
            }
            if scalar != " " { isAtStart = false }
            if !isDigit { isNumber = false }
        }
        return result
    }

    /// Where a link would be, found as its text goes by.
    private struct Word {
        /// The scalar before this one would begin or join a link.
        private(set) var isLink = false
        private var previous: Unicode.Scalar = " "
        /// Letters and digits that this one follows.
        private var run = ""

        mutating func take(_ scalar: Unicode.Scalar, _ scalars: [Unicode.Scalar], _ index: Int) {
            let isWord = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            isLink =
                switch previous {
                // A mail address needs what follows, and so does a name.
                case "@": scalar != " "
                case ":": scalar == "/" && index + 1 < scalars.count && scalars[index + 1] == "/"
                // GitLab has labels ~ and milestones %, by their names as well; the others have numbers.
                case "~", "%", "^": isWord || scalar == "\""
                case "#", "!", "$", "&": ("0"..."9").contains(scalar)
                case "-": ("0"..."9").contains(scalar) && run == "gh"
                default: false
                }
            if scalar == ".", run.hasSuffix("www") { isLink = true }
            // Seven digits or more of a commit's checksum are a reference to it.
            if isWord, run.utf8.count == 4, Self.isChecksum(run), Self.continues(scalars, from: index) { isLink = true }
            // Only a short run is compared with anything.
            if isWord {
                if run.utf8.count < 64 {
                    run.unicodeScalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
                }
            } else if scalar != "-" {
                run = ""
            }
            previous = scalar
        }

        private static func isChecksum(_ text: String) -> Bool { text.utf8.allSatisfy(isHexadecimal) }

        private static func isHexadecimal(_ digit: UInt8) -> Bool {
            (0x30...0x39).contains(digit) || (0x61...0x66).contains(digit)
        }

        /// Three more digits at least.
        private static func continues(_ scalars: [Unicode.Scalar], from index: Int) -> Bool {
            index + 3 <= scalars.count
                && scalars[index..<index + 3].allSatisfy {
                    UInt8(exactly: $0.value).map { isHexadecimal($0 | 0x20) } ?? false
                }
        }
    }
}
