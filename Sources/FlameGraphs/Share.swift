/// Formats parts of a whole for people.
enum Share {
    /// `12.3%`, rounded down; `<0.1%` for a part above 0 that would round to 0.
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        guard part < whole else { return part == 0 ? "0%" : "100%" }
        let (high, low) = part.multipliedFullWidth(by: 1000)
        let tenths = whole.dividingFullWidth((high, low)).quotient
        if tenths == 0 { return part == 0 ? "0%" : "<0.1%" }
        return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
    }

    /// `+23.4%`, `−5%`, `±0%`.
    static func change(_ ratio: Double) -> String {
        let tenths = Int(max(-1e9, min(ratio * 1000, 1e12)).rounded())
        guard tenths != 0 else { return "±0%" }
        let size = tenths.magnitude
        let fraction = size % 10 == 0 ? "" : ".\(size % 10)"
        return "\(tenths < 0 ? "−" : "+")\(grouped(Int(size / 10)))\(fraction)%"
    }

    /// `1,234,567`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
