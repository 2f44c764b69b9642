import SpawnModel
import Testing

/// Calls that a filter (seccomp) denies: nobody sees their entry.
@Suite struct DeniedCallTests {
    private static func scenario() -> Scenario {
        var evidence = SpawnTracker.Evidence()
        (evidence.tellsCreationEntries, evidence.tellsAttempts) = (true, true)
        var scenario = Scenario(evidence: evidence)
        scenario.startRoot()
        return scenario
    }

    /// One that answers with a signal (SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS) leaves the call's number as its result.
    @Test(arguments: [59, 322, 11] as [Int64]) func anAttemptThatIsAnsweredWithASignal(number: Int64) {
        var scenario = Self.scenario()
        scenario.on(1, .creationBegan)
        scenario.create(1, 2)
        scenario.on(2, .creationReturned(result: 0))
        scenario.on(2, .attemptEnded(result: number))
        scenario.on(2, .deadlySignal(31))
        scenario.on(2, .threadExited(isGroupDead: true))
        let totals = scenario.tracker.totals
        #expect(scenario.spawns.map(\.outcome) == [.failed] && scenario.spawns.map(\.failedAttempts) == [1])
        #expect(totals.failedAttempts == 1 && totals.execs == 0 && totals.unknown.isEmpty)
        #expect(scenario.tracker.failures.counts == [FailureTable.Failure(): 1])
    }

    /// It has a handler, and goes on to another attempt.
    @Test func anAttemptThatIsAnsweredWithASignalAndAnother() {
        var scenario = Self.scenario()
        scenario.on(1, .creationBegan)
        scenario.create(1, 2)
        scenario.on(2, .creationReturned(result: 0))
        scenario.on(2, .attemptEnded(result: 59))
        scenario.attempt(2)
        scenario.exec(2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.outcome) == [.executed] && scenario.spawns.map(\.failedAttempts) == [1])
        #expect(scenario.spawns.map(\.execs) == [1])
    }

    /// fork and vfork make processes only.
    @Test(arguments: [-1, -11, -38] as [Int64]) func aForkThatIsDenied(result: Int64) {
        var scenario = Self.scenario()
        scenario.on(1, .creationReturned(result: result, mayBeThreads: false))
        let totals = scenario.tracker.totals
        #expect(totals.failedCreations == 1 && totals.unknown.isEmpty && totals.spawns == 0)
    }

    /// A clone may have been a thread's. The process is counted once.
    @Test(arguments: [1, 3], [-1, -38, -13] as [Int64]) func clonesThatAreDenied(times: Int, result: Int64) {
        var scenario = Self.scenario()
        for _ in 0..<times { scenario.on(1, .creationReturned(result: result)) }
        let totals = scenario.tracker.totals
        #expect(totals.failedCreations == 0 && totals.unknown[.failedCreations] == 1)
        #expect(totals.unknown.count(.failedCreations, .filter) == 1)
        #expect(totals.unknown.count(.failedCreations, .compat32) == 0)
    }

    /// The kernel's answers where there can be no more threads.
    @Test(arguments: [-11, -12, -22] as [Int64]) func threadsThatCannotBeMade(result: Int64) {
        var scenario = Self.scenario()
        scenario.on(1, .creationReturned(result: result))
        #expect(scenario.tracker.totals.unknown.isEmpty && scenario.tracker.totals.failedCreations == 0)
    }

    /// What the kernel returns to itself, and what a loss may have hidden, says nothing.
    @Test func whatIsNoSignOfADenial() {
        var scenario = Self.scenario()
        scenario.on(1, .creationReturned(result: -513))
        scenario.on(1, .creationReturned(result: 56))
        scenario.loseEvents()
        scenario.on(1, .creationReturned(result: -1))
        #expect(scenario.tracker.totals.unknown.isEmpty && scenario.tracker.totals.failedCreations == 0)
    }
}
