/// Text for a cell of a spreadsheet, which runs what begins as a formula does (OWASP, "CSV Injection").
package enum SpreadsheetText {
    /// `text` with an apostrophe wherever a formula would begin, which makes text of what follows: at the start, and behind each `;`,
    /// where a spreadsheet whose decimal mark is the comma divides cells. `text` has no control characters, a tab among them.
    package static func inert(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isOperator) else { return text }
        var result = String.UnicodeScalarView()
        var isAtStart = true
        for scalar in text.unicodeScalars {
            if isAtStart, isOperator(scalar) { result.append("'") }
            // Spaces before a formula may be taken off.
            isAtStart = scalar == ";" || (isAtStart && scalar.properties.isWhitespace)
            result.append(scalar)
        }
        return String(result)
    }

    /// The full-width forms are taken for the others by spreadsheets of East Asia.
    private static func isOperator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}": true
        default: false
        }
    }
}
