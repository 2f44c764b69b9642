import PerfCapture

/// What `record` says at its end, on standard error.
func printSummary(_ outcome: RecordingOutcome) {
    for note in outcome.notes { StandardError.print("spawnscope: \(note)") }
    if case .interrupted(let signal) = outcome.endReason {
        StandardError.print(
            "spawnscope: ended by signal \(signal)"
                + (outcome.commandEnd == nil ? "; the command (pid \(outcome.rootPID)) may still run" : ""))
    }
    let milliseconds = outcome.duration / 1_000_000
    let seconds = "\(milliseconds / 1000)." + String(String(1000 + milliseconds % 1000).dropFirst())
    StandardError.print(
        "spawnscope: \(outcome.occurrences) events in \(seconds) s, \(outcome.bytesWritten) bytes in \(outcome.session)"
    )
    guard outcome.lost > 0 else { return }
    StandardError.print(
        "spawnscope: LOST \(outcome.lost) events (\(share(outcome.lost, of: outcome.occurrences))):"
            + " counts are too low; give --ring-size more")
    for event in outcome.events where event.lost > 0 {
        let part = event.occurrences.map { " of \($0) (\(share(event.lost, of: $0)))" } ?? ""
        StandardError.print("spawnscope:   \(event.name): \(event.lost)\(part)")
    }
}

/// A percentage with one decimal; tenths are rounded up, so that no loss looks like none.
private func share(_ part: UInt64, of whole: UInt64) -> String {
    let total = max(whole, part, 1)
    let (product, overflow) = part.multipliedReportingOverflow(by: 1000)
    let tenths = overflow ? part / (total / 1000 + 1) : (product &+ total &- 1) / total
    return "\(tenths / 10).\(tenths % 10)%"
}
