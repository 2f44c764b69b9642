import Analysis
import PerfCapture
import PerfData
import SpawnModel

/// What `record` says at its end, on standard error: how it ended, what was spawned, what was lost, and where it is.
func printSummary(_ outcome: RecordingOutcome) {
    for note in outcome.notes { Terminal.say(note) }
    if case .interrupted(let signal) = outcome.endReason {
        Terminal.say(
            "ended by signal \(signal)"
                + (outcome.commandEnd == nil ? "; the command (pid \(outcome.rootPID)) may still run" : ""))
    }
    let seconds = Quantity.seconds(outcome.duration)
    if let summary = SessionSummary(ofSessionAt: outcome.session) {
        let totals = summary.totals
        Terminal.say(
            "\(totals.spawns) spawns in \(seconds): \(totals.executed) executed, \(totals.forked) forked,"
                + " \(totals.failed) failed; \(totals.execs) execs, \(totals.failedAttempts) failed attempts")
        printFailures(summary.failures, of: totals.failedAttempts)
        if totals.failedCreations > 0 { Terminal.say("\(totals.failedCreations) creating calls failed") }
        if totals.unfinished > 0 { Terminal.say("\(totals.unfinished) of the spawns still ran at the end") }
    } else {
        Terminal.say("the command ran for \(seconds); its spawns could not be counted")
    }
    printLost(outcome)
    Terminal.say("\(Quantity.bytes(outcome.bytesWritten)) in \(outcome.session)")
}

private func printLost(_ outcome: RecordingOutcome) {
    guard outcome.lost > 0 else {
        Terminal.say("0 lost of \(outcome.occurrences) events")
        return
    }
    Terminal.say(
        "LOST \(outcome.lost) of \(outcome.occurrences) events"
            + " (\(Quantity.share(outcome.lost, of: outcome.occurrences))): counts are too low; give --ring-size more")
    for event in outcome.events where event.lost > 0 {
        let part = event.occurrences.map { " of \($0) (\(Quantity.share(event.lost, of: $0)))" } ?? ""
        Terminal.say("  \(event.name): \(event.lost)\(part)")
    }
}

extension SessionSummary {
    /// `nil` when the session that was just written cannot be read back.
    fileprivate init?(ofSessionAt path: String) {
        guard let file = try? PerfDataFile(path: path) else { return nil }
        let metadata = file.description.metadata.flatMap { try? SessionMetadata(json: $0) }
        self.init(file, metadata)
    }
}

/// Numbers as people read them.
enum Quantity {
    /// Nanoseconds as seconds with three decimals.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) s"
    }

    /// Bytes, KiB, MiB or GiB, the larger ones with one decimal.
    static func bytes(_ count: UInt64) -> String {
        var unit = 0
        var tenths = count.multipliedReportingOverflow(by: 10).overflow ? UInt64.max : count * 10
        while tenths >= 10_240, unit < 3 {
            tenths /= 1024
            unit += 1
        }
        let name = ["bytes", "KiB", "MiB", "GiB"][unit]
        return unit == 0 ? "\(count) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
    }

    /// A percentage with one decimal; tenths are rounded up, so that no loss looks like none.
    static func share(_ part: UInt64, of whole: UInt64) -> String {
        let total = max(whole, part, 1)
        let (product, overflow) = part.multipliedReportingOverflow(by: 1000)
        let tenths = overflow ? part / (total / 1000 + 1) : (product &+ total &- 1) / total
        return "\(tenths / 10).\(tenths % 10)%"
    }
}
