import SpawnModel
import Testing

/// Calls that return what their caller never sees, or were never entered.
@Suite struct KernelAnswerTests {
    private static func child() -> Scenario {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        return scenario
    }

    /// AT_EXECVE_CHECK: neither what it allows nor what it refuses was an attempt, with and without the recorder's program.
    @Test(arguments: [0, -13] as [Int64], [false, true]) func aCheckExecutesNothing(result: Int64, isTold: Bool) {
        var scenario = Self.child()
        scenario.on(2, .checkBegan)
        if isTold, result < 0 { scenario.on(2, .attemptFailed(path: "/x", errno: Int32(-result))) }
        scenario.on(2, .attemptEnded(result: result))
        scenario.exit(2)
        let totals = scenario.tracker.totals
        #expect(totals.forked == 1 && totals.execs == 0 && totals.failedAttempts == 0 && totals.failed == 0)
    }

    @Test func whoChecksFirstExecutesAfterwards() {
        var scenario = Self.child()
        scenario.on(2, .checkBegan)
        scenario.on(2, .attemptEnded(result: 0))
        scenario.attempt(2, fails: 2)
        scenario.attempt(2)
        scenario.exec(2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.outcome) == [.executed] && scenario.spawns.map(\.failedAttempts) == [1])
        #expect(scenario.tracker.totals.execs == 1)
    }

    @Test(arguments: [-512, -513, -514, -516] as [Int64]) func aCreationThatIsRestartedHasNotFailed(result: Int64) {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.on(1, .creationBegan)
        scenario.on(1, .creationReturned(result: result))
        scenario.on(1, .creationBegan)
        scenario.create(1, 2)
        scenario.on(1, .creationReturned(result: 2))
        scenario.exit(2)
        #expect(scenario.tracker.totals.failedCreations == 0)
        // From the first time that it was asked for.
        #expect(scenario.spawns.map(\.phases[.create]) == [30])
    }

    @Test func errorsBesideThemAreFailures() {
        var scenario = Scenario()
        scenario.startRoot()
        for result in [-511, -517, -11] as [Int64] {
            scenario.on(1, .creationBegan)
            scenario.on(1, .creationReturned(result: result))
        }
        #expect(scenario.tracker.totals.failedCreations == 3)
    }

    @Test(arguments: [false, true]) func anAttemptThatIsRestartedHasNotFailed(isTold: Bool) {
        var scenario = Self.child()
        scenario.attempt(2)
        if isTold { scenario.on(2, .attemptFailed(path: "/x", errno: 513)) }
        scenario.on(2, .attemptEnded(result: -513))
        scenario.attempt(2)
        scenario.exec(2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.failedAttempts) == [0] && scenario.spawns.map(\.outcome) == [.executed])
        #expect(scenario.tracker.failures.counts.isEmpty)
    }

    /// A filter (seccomp) denies a call before its entry can be seen.
    @Test(arguments: [false, true]) func aDeniedCallIsAFailedAttempt(isTold: Bool) {
        var scenario = Self.child()
        for _ in 0..<2 {
            if isTold { scenario.on(2, .attemptFailed(path: nil, errno: 1)) }
            scenario.on(2, .attemptEnded(result: -1))
        }
        scenario.exit(2)
        #expect(scenario.spawns.map(\.failedAttempts) == [2] && scenario.spawns.map(\.outcome) == [.failed])
        #expect(scenario.tracker.failures.counts == [FailureTable.Failure(errno: 1): 2])
    }

    // MARK: - Who was told of a child's end

    private static func ended(tracer: Int32) -> Scenario {
        var scenario = Scenario(evidence: .init(tellsWaits: true, tellsParents: true))
        scenario.startRoot()
        scenario.create(1, tracer)
        scenario.create(1, 3)
        scenario.create(3, 4)
        scenario.exit(4)
        scenario.on(4, .parentTold(thread: tracer))
        return scenario
    }

    /// A tracer is told of every end; a parent that ignores its children is not, and the kernel takes them.
    @Test func childrenOfWhoIgnoresThemWhileTraced() {
        var scenario = Self.ended(tracer: 2)
        scenario.on(2, .waitReturned(child: 4))
        scenario.exit(3)
        scenario.finish()
        #expect(scenario.tracker.totals.unreaped == 0 && scenario.tracker.totals.orphaned == 0)
    }

    @Test func childrenOfWhoForgetsThemWhileTraced() {
        var scenario = Self.ended(tracer: 2)
        scenario.on(2, .parentTold(thread: 3))
        scenario.on(2, .waitReturned(child: 4))
        scenario.exit(3)
        scenario.finish()
        #expect(scenario.spawns.filter(\.isUnreaped).map(\.pid) == [4])
    }

    @Test func aParentsThreadIsToldForIt() {
        var scenario = Scenario(evidence: .init(tellsWaits: true, tellsParents: true))
        scenario.startRoot()
        scenario.on(1, .threadCreated(7))
        scenario.create(1, 2)
        scenario.exit(2)
        scenario.on(2, .parentTold(thread: 7))
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals.unreaped == 1)
    }

    /// Its SIGCHLD goes to whoever inherits it, after the parent's end.
    @Test(arguments: [true, false]) func aChildThatEndsAsItsParentDoes(isTold: Bool) {
        var scenario = Scenario(evidence: .init(tellsWaits: true, tellsParents: true))
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.create(2, 3)
        scenario.exit(3)
        scenario.exit(2)
        if isTold { scenario.on(3, .parentTold(thread: 9999)) }
        scenario.finish()
        let child = scenario.spawns.first { $0.pid == 3 }
        #expect(child?.isUnreaped == isTold && child?.isOrphaned == false && scenario.spawns.count == 2)
    }

    @Test func manyWhomNobodyIsToldOf() {
        var scenario = Scenario(evidence: .init(tellsWaits: true, tellsParents: true))
        scenario.startRoot()
        for round in Int32(0)..<5000 {
            let pid = 10 + round * 2
            scenario.create(1, pid)
            scenario.create(pid, pid + 1)
            scenario.exit(pid + 1)
            scenario.exit(pid)
            scenario.on(pid, .parentTold(thread: 1))
            scenario.on(1, .waitReturned(child: pid))
        }
        scenario.finish()
        #expect(scenario.tracker.totals.spawns == 10_000 && scenario.tracker.totals.unreaped == 0)
    }
}
