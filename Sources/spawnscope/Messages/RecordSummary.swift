import Analysis
import Capture
import Glibc
import Packing
import PerfData
import Reports
import Session
import SpawnModel

/// Prints the end of `record` on standard error: how it ended, what was spawned, what was lost, and the session's path.
/// - Parameter session: the written session; `nil` if it cannot be read back.
func printSummary(_ outcome: RecordingOutcome, _ packing: SessionPacking?, of session: Session?) {
    for note in outcome.notes { Terminal.note(note) }
    for remark in packing?.outcome.remarks.prefix(16) ?? [] { Terminal.note(remark) }
    if let line = howItEnded(outcome) { Terminal.say(line) }
    let seconds = Quantity.seconds(outcome.duration)
    // A quiet run prints no counts, and counting reads the whole session.
    let counted = Terminal.isQuiet ? nil : session.map { SessionSummary($0) }
    if let summary = counted {
        let totals = summary.totals
        Terminal.note(
            "\(Quantity.count(totals.spawns, "spawn")) in \(seconds): \(totals.executed) executed, \(outcomes(totals));"
                + " \(Quantity.count(totals.execs, "exec")), \(attempts(totals))")
        if let unknown = totals.unknown.sentence() { Terminal.note("not known: \(unknown)") }
        printFailures(summary.failures, of: totals.failedAttempts)
        if totals.failedCreations > 0 {
            Terminal.note("\(Quantity.count(totals.failedCreations, "creating call")) failed")
        }
        if totals.unfinished > 0 { Terminal.note(unfinished(summary, outcome)) }
    } else if !Terminal.isQuiet {
        Terminal.note("it was recorded for \(seconds); its spawns could not be counted")
    }
    printLost(outcome, of: counted?.events)
    // A stream reports its size itself once it was sent.
    if !outcome.session.hasPrefix("/proc/self/fd/") {
        let size = Quantity.bytes(packing?.outcome.size ?? outcome.bytesWritten)
        let before = packing.map { ", packed from \(Quantity.bytes($0.outcome.sizeBefore))" } ?? ""
        Terminal.note("\(size) in \(outcome.session)\(before)")
    }
}

private func outcomes(_ totals: SpawnTotals) -> String {
    guard totals.unknown[.forked] == 0 else { return "\(totals.forked + totals.failed) forked or failed" }
    return "\(totals.forked) forked, \(totals.failed) failed"
}

private func attempts(_ totals: SpawnTotals) -> String {
    let known = Quantity.count(totals.failedAttempts, "failed attempt")
    guard totals.unknown[.failedAttempts] > 0 else { return known }
    return totals.failedAttempts > 0 ? "at least \(known)" : "failed attempts not known"
}

/// `nil` if it ended as expected.
private func howItEnded(_ outcome: RecordingOutcome) -> String? {
    switch outcome.endReason {
    case .commandEnded, .lastEnded, .durationOver, .sessionFailed: return nil
    case .maximumSize:
        return "recording ended before the session would exceed --max-size; it holds the first"
            + " \(Quantity.seconds(outcome.duration))"
    case .interrupted(let signal):
        guard let root = outcome.rootPID else { return signal == SIGINT ? nil : "ended by signal \(signal)" }
        return "ended by signal \(signal)"
            + (outcome.commandEnd == nil ? "; the command (pid \(root)) may still run" : "")
    }
}

/// Names the descendants that outlived the command.
private func unfinished(_ summary: SessionSummary, _ outcome: RecordingOutcome) -> String {
    let count = summary.totals.unfinished
    guard outcome.endReason == .commandEnded, outcome.target == .command else {
        return "\(count) of the spawns still ran at the end"
    }
    let names = summary.unfinished.map { "\($0.pid) (\($0.comm))" }.joined(separator: ", ")
    let more = count > summary.unfinished.count ? " and \(count - summary.unfinished.count) more" : ""
    return "\(count) of the spawns outlived the command: \(names)\(more); --wait-for-all waits for them"
}

/// - Parameter events: the workload's events in the session, as `report` counts them; `nil` if they were not counted.
private func printLost(_ outcome: RecordingOutcome, of events: Int?) {
    guard outcome.lost > 0 else {
        if let events { Terminal.note("0 lost of \(Quantity.count(events, "event"))") }
        return
    }
    // Lost events may belong to any process, not only the workload.
    let all = events.map { UInt64(max($0, 0)) &+ outcome.lost } ?? outcome.occurrences
    Terminal.say(
        "LOST \(outcome.lost) of \(Quantity.count(all, "event"))"
            + " (\(Quantity.share(outcome.lost, of: all))): counts are too low; give --ring-size more")
    for event in outcome.events {
        guard let lost = event.lost, lost > 0 else { continue }
        let part = event.occurrences.map { " of \($0) (\(Quantity.share(lost, of: $0)))" } ?? ""
        Terminal.say("  \(event.name): \(lost)\(part)")
    }
}
