package import Comparison
internal import PerfData
internal import Reports
package import Session
internal import SpawnModel
internal import SpawnStatistics

/// A session as one of the runs to compare.
package struct SessionRun {
    package private(set) var summary: RunSummary
    package private(set) var undecodedRecords = 0
    /// Whether the session can show creations at all.
    package private(set) var hasSpawnEvents: Bool

    package init(_ session: Session) {
        var tally = RunTally(command: SpawnReport.command(session))
        let walked = SpawnReport(session) { reported in
            tally.add(reported.spawn, callSite: reported.callSite)
            return true
        }
        var facts = RunFacts(path: session.file.path)
        let of = walked.report.facts
        facts.command = of.command
        facts.kernel = of.kernel
        facts.lost = of.lost
        facts.unfollowed = of.unfollowed
        facts.isCut = of.isCut || walked.undecodedRecords > 0
        facts.machine = Self.machine(session.file.description)
        facts.recording = Self.recording(session.metadata, of.coverage)
        if let metadata = session.metadata { Self.add(metadata, session.file.description, to: &facts) }
        summary = tally.summary(walked.report, facts)
        undecodedRecords = walked.undecodedRecords
        hasSpawnEvents = walked.hasSpawnEvents
    }

    private static func machine(_ description: SessionDescription) -> String? {
        guard let host = description.hostname else { return nil }
        var parts = [host]
        if let architecture = description.architecture { parts.append(architecture) }
        if let count = description.onlineProcessors { parts.append("\(count) processors") }
        if let processor = description.processor, !processor.isEmpty { parts.append(processor) }
        return parts.joined(separator: ", ")
    }

    /// The options that affect the figures: what is recorded decides their meaning, stack dumps and samples their cost.
    private static func recording(_ metadata: SessionMetadata?, _ coverage: EventCoverage) -> String {
        var parts = metadata == nil ? ["by another recorder"] : []
        if let options = metadata?.options {
            if let size = options.stackSize { parts.append("--stack-size \(size)") }
            if let frequency = options.sampleFrequency { parts.append("--sample \(frequency)") }
            if let tracepoints = options.tracepoints, !tracepoints.isEmpty {
                parts.append("-e " + tracepoints.joined(separator: ","))
            }
            if options.probesLink == true { parts.append("--link") }
            if options.leavesOutSystemCalls == true { parts.append("--no-syscalls") }
        }
        parts += coverage.missing.map { "without \($0.event)" }
        return parts.isEmpty ? "none" : parts.joined(separator: " ")
    }

    private static func add(
        _ metadata: SessionMetadata, _ description: SessionDescription, to facts: inout RunFacts
    ) {
        facts.start = metadata.startWall
        facts.exitEvent = metadata.exitEvent
        facts.recorder = metadata.recorder?.text
        facts.comparison = metadata.comparison.map { RunFacts.Comparison(side: $0.side, id: $0.id) }
        if let start = metadata.start {
            let parts = [start, metadata.startWall ?? 0, UInt64(bitPattern: Int64(metadata.rootPID ?? 0))]
            facts.identity = ([description.hostname ?? ""] + parts.map { String($0) }).joined(separator: "/")
        }
        guard let end = metadata.end else { return }
        if let status = end.status, status != 0 { facts.failure = "exited with \(status)" }
        if let signal = end.signal { facts.failure = "was ended by signal \(signal)" }
        // A recording that ended before its command did has only some of its spawns.
        let hasCommand = metadata.rootPID != nil && metadata.command?.isEmpty == false
        if hasCommand, end.status == nil, end.signal == nil, end.reason ?? "command-ended" != "command-ended" {
            facts.isCut = true
        }
    }
}
