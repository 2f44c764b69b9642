internal import Presentation
internal import Profiles
internal import SpawnModel
package import SpawnStatistics

/// The report as one JSON object, `"schema": "spawnscope.report/1"`. Times are integer nanoseconds, and unknown values
/// are absent. Spawns are written as they are added, before the sums.
package struct JSONReport {
    private var writer = JSONWriter()
    private let listsSpawns: Bool

    /// `listsSpawns` says whether `add` writes spawns.
    package init(listsSpawns: Bool) {
        self.listsSpawns = listsSpawns
        writer.beginObject()
        writer.member("schema", "spawnscope.report/1")
        guard listsSpawns else { return }
        writer.key("spawns")
        writer.beginArray()
    }

    /// Returns and removes the bytes written so far.
    package mutating func take() -> [UInt8] { writer.take() }

    package mutating func add(_ reported: ReportedSpawn) {
        guard listsSpawns else { return }
        writer.beginObject()
        writer.members(of: reported)
        writer.endObject()
    }

    /// Writes everything after the spawns.
    package mutating func finish(_ report: Report) {
        if listsSpawns { writer.endArray() }
        write(report.facts, complete: report.spawns.totals.complete, report.spawns.totals.unknown)
        write(report.spawns, report.facts.coverage)
        write(report.spawns.phases, named: "phases")
        writer.key("programs")
        writer.beginArray()
        for program in report.rankedPrograms {
            writer.beginObject()
            writer.member("path", program.path)
            writer.member("chain", program.chain)
            writer.member("spawns", program.spawns)
            write(program.phases, named: "phases")
            writer.endObject()
        }
        writer.endArray()
        write(report.rankedGroups)
        writer.key("callsites")
        writer.beginArray()
        for site in report.rankedCallSites { write(site, report) }
        writer.endArray()
        write(report.rankedFailures, others: report.spawns.otherFailures)
        write(report.rankedSignalEnds, others: report.spawns.otherSignalEnds)
        write(report.events)
        writer.key("findings")
        writer.beginArray()
        for finding in report.findings {
            writer.beginObject()
            writer.member("kind", finding.kind.rawValue)
            writer.member("text", finding.text)
            writer.member("saving_ns", finding.saving)
            writer.member("callsite", finding.callSite)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endLine()
    }

    private mutating func write(_ facts: SessionFacts, complete: Int, _ unknown: UnknownTally) {
        writer.key("session")
        writer.beginObject()
        writer.member("id", facts.origin.id)
        writer.member("host", facts.origin.host)
        writer.member("start_wall_ns", facts.origin.startWall)
        writer.member("recorder", facts.origin.recorder)
        writer.member("container", facts.origin.container)
        writer.member("unit", facts.origin.unit)
        if !facts.command.isEmpty { writer.member("command", facts.command) }
        writer.member("duration_ns", facts.duration)
        writer.member("events", facts.events)
        writer.member("lost", facts.lost)
        writer.member("truncated_stacks", facts.truncatedStacks)
        writer.member("complete_spawns", complete)
        writer.member("cut", onlyIf: facts.isCut)
        writer.member("kernel", facts.kernel)
        writer.member("machine", facts.machine)
        writer.member("tool_version", facts.toolVersion)
        let missing = facts.coverage.missing
        if !missing.isEmpty {
            writer.member("missing", missing.map { "\($0.unknown): no \($0.event) in the session" })
        }
        if !unknown.isEmpty {
            writer.key("unknown")
            writer.beginArray()
            for fact in CallFact.allCases {
                for reason in UnseenCalls.allCases where unknown.count(fact, reason) > 0 {
                    writer.beginObject()
                    writer.member("fact", fact.rawValue)
                    writer.member("reason", reason.rawValue)
                    writer.member("processes", unknown.count(fact, reason))
                    writer.endObject()
                }
            }
            writer.endArray()
        }
        writer.endObject()
    }

    private mutating func write(_ spawns: SpawnAggregate, _ coverage: EventCoverage) {
        let totals = spawns.totals
        let isWhole = spawns.selection.isEverything
        let knowsAttempts = coverage.contains(.attempts)
        let ofCalls: [(fact: CallFact, seen: UInt64?)] = [
            (.forked, UInt64(clamping: totals.forked)),
            (.failed, knowsAttempts ? UInt64(clamping: totals.failed) : nil),
            (.failedAttempts, knowsAttempts ? UInt64(clamping: totals.failedAttempts) : nil),
            (
                .failedCreations,
                isWhole && coverage.contains(.creationReturns) ? UInt64(clamping: totals.failedCreations) : nil
            ),
            (.unreaped, coverage.contains(.waits) ? UInt64(clamping: totals.unreaped) : nil),
            (.blocked, coverage.knowsBlocked ? totals.blocked : nil),
        ]
        writer.key("totals")
        writer.beginObject()
        writer.member("spawns", totals.spawns)
        writer.member("executed", totals.executed)
        writer.member("execs", totals.execs)
        for (fact, seen) in ofCalls { writer.member(fact.rawValue, seen.flatMap { totals.unknown.known($0, fact) }) }
        writer.member("orphaned", totals.orphaned)
        writer.member("unfinished", totals.unfinished)
        if ofCalls.contains(where: { totals.unknown[$0.fact] > 0 && $0.seen != nil }) {
            writer.key("at_least")
            writer.beginObject()
            for (fact, seen) in ofCalls where totals.unknown[fact] > 0 {
                // Spawns without an exec count as forked, but those of them whose attempts are unknown may have failed.
                writer.member(
                    fact.rawValue, fact == .forked ? seen.map { $0 - min($0, UInt64(totals.unknown[fact])) } : seen)
            }
            writer.endObject()
        }
        writer.member("overhead_ns", spawns.phases.overhead.count > 0 ? spawns.phases.overhead.sum : nil)
        writer.member("total_ns", spawns.phases.total.count > 0 ? spawns.phases.total.sum : nil)
        writer.endObject()
    }

    private mutating func write(_ table: PhaseTable, named name: String) {
        writer.key(name)
        writer.beginObject()
        for phase in Phase.allCases where table[phase].count > 0 {
            let statistics = table[phase]
            writer.key(phase.name)
            writer.beginObject()
            writer.member("count", statistics.count)
            writer.member("sum_ns", statistics.sum)
            writer.member("min_ns", statistics.min)
            writer.member("p50_ns", statistics.percentile(50))
            writer.member("p90_ns", statistics.percentile(90))
            writer.member("p99_ns", statistics.percentile(99))
            writer.member("max_ns", statistics.max)
            writer.endObject()
        }
        writer.endObject()
    }

    private mutating func write(_ sizes: SizeStatistics, named name: String) {
        guard sizes.count > 0 else { return }
        writer.key(name)
        writer.beginObject()
        writer.member("count", sizes.count)
        writer.member("sum", sizes.sum)
        writer.member("min", sizes.min)
        writer.member("max", sizes.max)
        writer.endObject()
    }

    /// The source lines of each frame; absent if no frame has any.
    private mutating func write(_ lines: [[SourceLine]]) {
        guard lines.contains(where: { !$0.isEmpty }) else { return }
        writer.key("lines")
        writer.beginArray()
        for frame in lines {
            writer.beginArray()
            for line in frame {
                writer.beginObject()
                writer.member("file", line.file)
                writer.member("line", line.line)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endArray()
    }

    private mutating func write(_ site: CallSite, _ report: Report) {
        let coverage = report.facts.coverage
        writer.beginObject()
        writer.member("id", site.id)
        writer.member("stack", site.stack)
        write(site.lines)
        writer.member("comm", site.comm)
        writer.member("spawns", site.spawns)
        writer.key("methods")
        writer.beginObject()
        for method in CreationMethod.allCases { writer.member(method.rawValue, site.methods[method]) }
        writer.endObject()
        write(site.sizes.spawnerPageTables, named: "spawner_page_table_bytes")
        write(site.sizes.spawnerResident, named: "spawner_resident_bytes")
        write(site.sizes.arguments, named: "argv_bytes")
        write(site.sizes.environment, named: "environment_bytes")
        let unknown = site.unknown
        let failedAttempts = unknown.known(site.failedAttempts, .failedAttempts)
        writer.member("failed_attempts", coverage.contains(.attempts) ? failedAttempts : nil)
        writer.member("unreaped", coverage.contains(.waits) ? unknown.known(site.unreaped, .unreaped) : nil)
        writer.member("orphaned", site.orphaned)
        writer.member("unfinished", site.unfinished)
        writer.member("blocked_ns", coverage.knowsBlocked ? unknown.known(site.blocked, .blocked) : nil)
        write(site.phases, named: "phases")
        if !site.events.isEmpty {
            writer.key("events")
            writer.beginObject()
            for (event, count) in zip(report.events, site.events) where count > 0 { writer.member(event.name, count) }
            writer.endObject()
        }
        writer.endObject()
    }

    /// Absent if no spawn was ended by a signal.
    private mutating func write(_ ends: [(end: SignalEnd, spawns: Int)], others: Int) {
        guard !ends.isEmpty else { return }
        writer.key("signals")
        writer.beginArray()
        for (end, spawns) in ends {
            writer.beginObject()
            writer.member("signal", end.signal)
            writer.member("from", end.sender?.rawValue)
            writer.member("comm", end.comm)
            writer.member("callsite", end.callSite)
            writer.member("spawns", spawns)
            writer.endObject()
        }
        if others > 0 {
            writer.beginObject()
            writer.member("comm", SpawnAggregate.others)
            writer.member("spawns", others)
            writer.endObject()
        }
        writer.endArray()
    }

    /// Absent if the session does not tell control groups.
    private mutating func write(_ groups: [GroupTable.Entry]) {
        guard !groups.isEmpty else { return }
        writer.key("groups")
        writer.beginArray()
        for group in groups {
            writer.beginObject()
            writer.member("container", group.key.container)
            writer.member("pod", group.key.pod)
            writer.member("unit", group.key.unit)
            writer.member("path", group.key.path)
            writer.member("spawns", group.spawns)
            write(group.phases, named: "phases")
            writer.endObject()
        }
        writer.endArray()
    }

    /// Absent if no event was asked for.
    private mutating func write(_ events: [EventCount]) {
        guard !events.isEmpty else { return }
        writer.key("events")
        writer.beginArray()
        for event in events {
            writer.beginObject()
            writer.member("name", event.name)
            writer.member("count", event.count)
            writer.member("of_roots", event.ofRoots)
            writer.key("phases")
            writer.beginObject()
            for phase in Phase.allCases { writer.member(phase.name, event.phases[phase]) }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }

    private mutating func write(_ failures: [(failure: SpawnAggregate.Failure, attempts: Int)], others: Int) {
        writer.key("failures")
        writer.beginArray()
        for (failure, attempts) in failures {
            writer.beginObject()
            writer.member("path", failure.path)
            writer.member("errno", failure.errno.map(ErrorName.of))
            writer.member("attempts", attempts)
            writer.member("callsite", failure.callSite)
            writer.endObject()
        }
        if others > 0 {
            writer.beginObject()
            writer.member("path", SpawnAggregate.others)
            writer.member("attempts", others)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension EventCoverage {
    /// Whether the time that spawners block is known. They block in creating calls and in waits; with only one of these
    /// recorded it is a lower bound.
    package var knowsBlocked: Bool { contains(.creatingCalls) || contains(.waits) }
}
