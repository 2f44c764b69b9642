import Capture

/// Formats and parses numbers for messages and options.
enum Quantity {
    /// Nanoseconds as seconds with three decimals.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) s"
    }

    /// `1 spawn`, `2 spawns`; `1 more child`, `2 more children` with an explicit plural.
    static func count(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// `1 damaged record was left out`.
    static func leftOut(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
        "\(count(number, noun, plural)) \(number == 1 ? "was" : "were") left out"
    }

    /// `the kernel dropped 1 event`.
    static func dropped(_ number: some BinaryInteger) -> String {
        "the kernel dropped \(count(number, "event"))"
    }

    /// `1 of 1 stack is [truncated]`, `0 of 2 stacks are [truncated]`.
    static func truncated(_ number: some BinaryInteger, of all: some BinaryInteger) -> String {
        "\(number) of \(count(all, "stack")) \(number == 1 ? "is" : "are") [truncated]"
    }

    /// A size in bytes, KiB, MiB or GiB; all but bytes have one decimal.
    static func bytes(_ count: UInt64) -> String {
        var unit = 0
        var tenths = count.multipliedReportingOverflow(by: 10).overflow ? UInt64.max : count * 10
        while tenths >= 10_240, unit < 3 {
            tenths /= 1024
            unit += 1
        }
        if count == 1 { return "1 byte" }
        let name = ["bytes", "KiB", "MiB", "GiB"][unit]
        return unit == 0 ? "\(count) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
    }

    /// A percentage with one decimal, rounded up so that a loss never shows as 0.
    static func share(_ part: UInt64, of whole: UInt64) -> String {
        let total = max(whole, part, 1)
        let (product, overflow) = part.multipliedReportingOverflow(by: 1000)
        let tenths = overflow ? part / (total / 1000 + 1) : (product &+ total &- 1) / total
        return "\(tenths / 10).\(tenths % 10)%"
    }

    /// Parses a size in bytes: 65536, 512K, 4M, 1G. `nil` for anything else, 0 included.
    static func size(_ text: String) -> Int? {
        let shift =
            switch text.last {
            case "K", "k": 10
            case "M", "m": 20
            case "G", "g": 30
            default: 0
            }
        guard let number = Int(shift == 0 ? text : String(text.dropLast())), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }

    /// Parses a duration into nanoseconds: 10s, 500ms, 2m, 1h. `nil` for anything else, 0 included.
    static func duration(_ text: String) -> UInt64? {
        for (suffix, unit) in [
            ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ] {
            guard text.hasSuffix(suffix) else { continue }
            guard let number = UInt64(text.dropLast(suffix.count)), number > 0 else { return nil }
            let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: UInt64(unit))
            return overflow ? nil : nanoseconds
        }
        return nil
    }

    /// Parses a time into nanoseconds: 2.5 (seconds), 500ms, 2s, 1m, 0. `nil` for anything else.
    static func time(_ text: String) -> UInt64? {
        if let time = duration(text) { return time }
        let parts = (text.hasSuffix("s") ? text.dropLast() : text[...])
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : ""
        // Only digits: `UInt64` would accept a sign.
        guard parts[0].utf8.allSatisfy({ 48...57 ~= $0 }), fraction.utf8.allSatisfy({ 48...57 ~= $0 }),
            let seconds = UInt64(parts[0]), fraction.count <= 9,
            let part = UInt64(fraction + String(repeating: "0", count: 9 - fraction.count))
        else { return nil }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(part)
        return overflow || carry ? nil : sum
    }

    /// Parses the value of an option; throws a one-line message that says what it should look like.
    static func parse<Value>(
        _ text: String, of option: String, _ problem: String, _ parse: (String) -> Value?
    ) throws(RecordingError) -> Value {
        guard let value = parse(text) else { throw .usage("\(option): '\(text)' is \(problem)") }
        return value
    }
}
