import SpawnModel
import Testing

/// What a session has no event for is unknown of each spawn, not zero.
@Suite struct UnrecordedFactsTests {
    private let evidence = LifecycleDecoder(tracepoints: [nil]).evidence

    @Test func taskRecordsAlone() throws {
        var scenario = Scenario(evidence: evidence)
        scenario.on(1, .executed(path: "sh", oldThread: 1))
        for (child, executes) in [(Int32(2), true), (3, false)] {
            scenario.create(1, child, flags: nil)
            if executes { scenario.on(child, .executed(path: "true", oldThread: child)) }
            scenario.on(child, .threadEnded)
        }
        scenario.finish()
        let totals = scenario.tracker.totals
        #expect(totals.spawns == 2 && totals.executed == 1 && totals.execs == 1)
        #expect(totals.unknown[.forked] == 1 && totals.unknown[.failed] == 1)
        // Both and their creator.
        #expect(totals.unknown.count(.failedAttempts, .recording) == 3)
        #expect(totals.unknown.count(.blocked, .recording) == 2 && totals.unknown.count(.unreaped, .recording) == 2)
        #expect(totals.unknown.count(.blocked, .compat32) == 0)
        #expect(scenario.spawns.map(\.mark) == [nil, "[no exec]"])
    }

    /// Of some spawns alone, too, the reason is the session's.
    @Test func aTallyOfSome() throws {
        var scenario = Scenario(evidence: evidence)
        scenario.create(1, 2, flags: nil)
        scenario.finish()
        var tally = UnknownTally()
        tally.add(try #require(scenario.spawns.first).unknown)
        #expect(tally.count(.forked, .recording) == 1 && tally.count(.forked, .compat32) == 0)
    }

    @Test func tracing() throws {
        var stopped = SpawnTracker.Evidence(tellsWaits: true)
        stopped.stopsProcesses = true
        var scenario = Scenario(evidence: stopped)
        scenario.create(1, 2)
        scenario.exec(2)
        scenario.exit(2)
        scenario.finish()
        var tally = UnknownTally()
        tally.add(try #require(scenario.spawns.first).unknown)
        #expect(tally.count(.failedAttempts, .tracing) == 1 && tally.count(.failedAttempts, .compat32) == 0)
    }
}
