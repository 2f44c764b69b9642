/// Text for a spreadsheet cell. Spreadsheets execute text that begins like a formula (OWASP, "CSV Injection").
package enum SpreadsheetText {
    /// `text` with an apostrophe before anything that would begin a formula, so that the rest is text: at the start,
    /// and after each `;`, which separates cells if the decimal mark is the comma. `text` must have no control
    /// characters, tabs included.
    package static func inert(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isOperator) else { return text }
        var result = String.UnicodeScalarView()
        var isAtStart = true
        for scalar in text.unicodeScalars {
            if isAtStart, isOperator(scalar) { result.append("'") }
            // Spreadsheets may strip spaces before a formula.
            isAtStart = scalar == ";" || (isAtStart && scalar.properties.isWhitespace)
            result.append(scalar)
        }
        return String(result)
    }

    /// East Asian spreadsheets treat full-width forms as the operators.
    private static func isOperator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}": true
        default: false
        }
    }
}
