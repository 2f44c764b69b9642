internal import ByteAccess

/// Formats numbers for people.
package enum Quantities {
    /// Three digits and a unit: `340 ns`, `98.2 µs`, `1.24 ms`, `3.41 s`.
    package static func duration(_ nanoseconds: UInt64) -> String {
        var scale: UInt64 = 1
        for unit in ["ns", "µs", "ms"] {
            // A value that would round to 1000 is 1.00 of the next unit.
            if nanoseconds < scale * 1000 - (scale > 1 ? scale / 2 : 0) {
                return digits(nanoseconds, scale) + " " + unit
            }
            scale *= 1000
        }
        return digits(nanoseconds, scale) + " s"
    }

    private static func digits(_ value: UInt64, _ scale: UInt64) -> String {
        guard scale > 1 else { return String(value) }
        // Fewer decimals if rounding would add a digit.
        let decimals = value < scale * 10 - scale / 200 ? 2 : value < scale * 100 - scale / 20 ? 1 : 0
        let step = scale / [1, 10, 100][decimals]
        let rounded = value / step + (value % step >= step - step / 2 ? 1 : 0)
        guard decimals > 0 else { return grouped(rounded) }
        let factor: UInt64 = decimals == 1 ? 10 : 100
        let fraction = String(rounded % factor + factor).dropFirst()
        return "\(rounded / factor).\(fraction)"
    }

    /// Three digits and a binary unit: `512 B`, `1.25 KiB`, `1.00 GiB`.
    package static func bytes(_ count: UInt64) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count) / 1024
        for unit in ["KiB", "MiB", "GiB", "TiB"] {
            // A value that would round to 1024 is 1.00 of the next unit.
            if value < 1023.5 || unit == "TiB" { return digits(value) + " " + unit }
            value /= 1024
        }
        return digits(value)
    }

    private static func digits(_ value: Double) -> String {
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        let factor: UInt64 = [1, 10, 100][decimals]
        let rounded = UInt64(value * Double(factor) + 0.5)
        guard decimals > 0 else { return grouped(rounded) }
        return "\(rounded / factor).\(String(rounded % factor + factor).dropFirst())"
    }

    /// `1,234,567`.
    package static func grouped(_ number: UInt64) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    package static func grouped(_ number: Int) -> String { grouped(UInt64(clamping: number)) }

    /// `45%`, rounded; a share above 0 is at least `<1%`.
    package static func share(_ part: UInt64, of whole: UInt64) -> String {
        let percent = part.scaled(by: 200, over: whole) / 2 + part.scaled(by: 200, over: whole) % 2
        return percent == 0 && part > 0 ? "<1%" : "\(percent)%"
    }

    /// A number with one decimal: `12.3`.
    package static func tenths(_ value: Double) -> String {
        let scaled = UInt64(max(0, min(value * 10 + 0.5, 1e18)))
        return "\(grouped(scaled / 10)).\(scaled % 10)"
    }

    /// `1 spawn`, `2 spawns`; `1 child`, `2 children` with an explicit plural.
    package static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
