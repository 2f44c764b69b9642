/// Untrusted text in Markdown (https://github.github.com/gfm/), in a cell or a separate paragraph: shown literally on
/// one line (`ForeignText`), without markup or links.
enum MarkdownText {
    /// Escapes markup, and characters that would begin a heading, list or quotation at the start. Readers also turn
    /// plain text into links, some only after parsing Markdown, so that no escape prevents it: addresses (`https://`,
    /// `www.`, mail) and references (`@name`, `#1`, `!1`, `GH-1`, commit checksums). An empty element splits those; it
    /// is neither visible nor copied.
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

    /// Finds where readers would make a link, scalar by scalar.
    private struct Word {
        /// Whether a link would span the position before this scalar, so that it must be split there.
        private(set) var isLink = false
        private var previous: Unicode.Scalar = " "
        /// The letters and digits before this scalar, in lower case.
        private var run = ""

        mutating func take(_ scalar: Unicode.Scalar, _ scalars: [Unicode.Scalar], _ index: Int) {
            let isWord = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            isLink =
                switch previous {
                // A mail address needs a character after `@`, and so does a name.
                case "@": scalar != " "
                case ":": scalar == "/" && index + 1 < scalars.count && scalars[index + 1] == "/"
                // GitLab refers to labels with ~ and milestones with %, also by name; the others need numbers.
                case "~", "%", "^": isWord || scalar == "\""
                case "#", "!", "$", "&": ("0"..."9").contains(scalar)
                case "-": ("0"..."9").contains(scalar) && run == "gh"
                default: false
                }
            if scalar == ".", run.hasSuffix("www") { isLink = true }
            // Seven or more digits of a commit checksum are a reference to it.
            if isWord, run.utf8.count == 4, Self.isChecksum(run), Self.continues(scalars, from: index) { isLink = true }
            // Only short runs are compared with anything.
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

        /// Whether at least three more hexadecimal digits follow.
        private static func continues(_ scalars: [Unicode.Scalar], from index: Int) -> Bool {
            index + 3 <= scalars.count
                && scalars[index..<index + 3].allSatisfy {
                    UInt8(exactly: $0.value).map { isHexadecimal($0 | 0x20) } ?? false
                }
        }
    }
}
