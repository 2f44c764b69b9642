internal import Presentation
internal import Reports
internal import SpawnStatistics

/// Formats the figures of a comparison for people.
enum Figures {
    static func value(_ value: Double?, _ metric: Metric) -> String {
        guard let value, value.isFinite, value >= 0 else { return "–" }
        guard metric.isCount else { return Quantities.duration(nanoseconds(value)) }
        return value == value.rounded() ? Quantities.grouped(nanoseconds(value)) : Quantities.tenths(value)
    }

    private static func nanoseconds(_ value: Double) -> UInt64 {
        UInt64(max(0, min(value.rounded(), 1.8e19)))
    }

    /// `+12.3%`, `-4.0%`; `×3.1` for ratios of 2 and more.
    static func change(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite, ratio >= 0 else { return "–" }
        if ratio >= 2 { return ratio < 1e6 ? "×" + Quantities.tenths(ratio) : "×1e6 and more" }
        let thousandths = Int(((ratio - 1) * 1000).rounded())
        let sign = thousandths > 0 ? "+" : thousandths < 0 ? "-" : "±"
        return "\(sign)\(abs(thousandths) / 10).\(abs(thousandths) % 10)%"
    }

    /// The change of a row: a difference for counts, a ratio for times.
    static func change(_ row: ComparedRow) -> String {
        guard row.metric.isCount, let base = row.base.centre, let head = row.head.centre else {
            return change(row.ratio)
        }
        return signed(head - base)
    }

    static func signed(_ difference: Double) -> String {
        let isWhole = difference == difference.rounded() && abs(difference) < 1e15
        let size = isWhole ? Quantities.grouped(UInt64(abs(difference))) : Quantities.tenths(abs(difference))
        return (difference > 0 ? "+" : difference < 0 ? "-" : "±") + size
    }

    static func signedDuration(_ difference: Double) -> String {
        let size = Quantities.duration(nanoseconds(abs(difference)))
        return (difference > 0 ? "+" : difference < 0 ? "-" : "±") + size
    }

    static func interval(_ interval: ClosedRange<Double>?) -> String {
        guard let interval else { return "" }
        return "\(change(interval.lowerBound)) … \(change(interval.upperBound))"
    }

    static func p(_ p: Double?) -> String {
        guard let p else { return "" }
        if p >= 0.995 { return "1" }
        let digits = Int((p * 10_000).rounded(.up))
        guard digits >= 1 else { return "0.0001" }
        let text = String(10_000 + digits).dropFirst()
        return "0." + (p >= 0.01 ? text.prefix(2) : text[...])
    }

    static func percent(_ part: Double) -> String {
        let thousandths = Int((max(0, min(part, 1000)) * 1000).rounded())
        return thousandths % 10 == 0 ? "\(thousandths / 10)%" : "\(thousandths / 10).\(thousandths % 10)%"
    }

    static func place(_ scope: Scope) -> String {
        switch scope {
        case .whole: "whole run"
        case .program(let path): path
        case .callSite(let key):
            "\(TellingFrames.text(key.frames)) [\(key.comm ?? "the command")]"
        }
    }

    /// A gate's name, with its place unless it is the whole run.
    static func title(_ row: ComparedRow) -> String {
        row.scope == .whole ? row.metric.title : "\(row.metric.title), \(place(row.scope))"
    }

    static func reason(_ reason: ComparedRow.Reason) -> String {
        switch reason {
        case .notKnown: "not known on both sides"
        case .incomplete: "a session was cut short or lost events"
        case .tooFewRuns(let needed): "too few runs: \(needed) a side would do"
        case .drift: "a drift explains it as well: record in turns"
        case .noise(let wouldDo): wouldDo.map { "noise: about \($0) runs a side would tell" } ?? "noise"
        }
    }
}
