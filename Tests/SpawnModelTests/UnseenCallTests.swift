import SpawnModel
import Testing

/// What happens without the call that leads to it tells of calls that nobody sees.
@Suite struct UnseenCallTests {
    private static func scenario(_ roots: SpawnTracker.Roots = .command(1)) -> Scenario {
        var evidence = SpawnTracker.Evidence(tellsWaits: true, tellsParents: true)
        (evidence.tellsCreationEntries, evidence.tellsAttempts) = (true, true)
        (evidence.tellsAttemptReturns, evidence.tellsExits) = (true, true)
        var scenario = Scenario(roots: roots, evidence: evidence)
        if roots == .command(1) { scenario.startRoot() }
        return scenario
    }

    private static func enter(_ scenario: inout Scenario, _ parent: Int32, _ child: Int32) {
        scenario.on(parent, .creationBegan)
        scenario.create(parent, child)
        scenario.on(parent, .creationReturned(result: Int64(child)))
    }

    @Test func everyCallIsSeen() {
        var scenario = Self.scenario()
        Self.enter(&scenario, 1, 2)
        scenario.attempt(2, fails: 2)
        scenario.attempt(2)
        scenario.exec(2)
        scenario.exit(2)
        scenario.on(2, .parentTold(thread: 1))
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals.unknown.isEmpty && scenario.tracker.totals.unreaped == 1)
    }

    @Test func aCreationWithoutACall() {
        var scenario = Self.scenario()
        scenario.create(1, 2)
        scenario.on(2, .threadExited(isGroupDead: true))
        scenario.on(2, .parentTold(thread: 1))
        scenario.exit(1)
        scenario.finish()
        let totals = scenario.tracker.totals
        #expect(totals.spawns == 1 && totals.unreaped == 0)
        // The parent's attempts and the child's, who both make such calls.
        #expect(totals.unknown[.failedAttempts] == 2 && totals.unknown[.unreaped] == 1 && totals.unknown[.forked] == 1)
        #expect(totals.unknown[.failedCreations] == 1 && totals.unknown[.status] == 1)
    }

    @Test func anExecThatDoesNotReturn() {
        var scenario = Self.scenario()
        Self.enter(&scenario, 1, 2)
        scenario.attempt(2)
        scenario.on(2, .executed(path: "/bin/32", oldThread: 2))
        scenario.on(2, .threadExited(isGroupDead: true))
        scenario.on(1, .waitReturned(child: 2))
        scenario.exit(1)
        scenario.finish()
        let spawn = scenario.spawns.first
        #expect(spawn?.outcome == .executed && spawn?.unknown.contains(.failedAttempts) == true)
        #expect(spawn?.unknown.contains(.unreaped) == false && spawn?.borders.reaped != nil)
        #expect(scenario.tracker.totals.unknown[.forked] == 0 && scenario.tracker.totals.unknown[.unreaped] == 0)
    }

    /// SIGKILL, or any other, is a reason to end.
    @Test(arguments: [false, true]) func anEndWithoutAReason(isKilled: Bool) {
        var scenario = Self.scenario()
        Self.enter(&scenario, 1, 2)
        if isKilled { scenario.on(2, .deadlySignal(9)) }
        scenario.on(2, .threadExited(isGroupDead: true))
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals.unknown.isEmpty == isKilled)
    }

    /// The last of several threads to leave decides nothing, and yet was a reason.
    @Test func threadsThatLeaveOneByOne() {
        var scenario = Self.scenario()
        Self.enter(&scenario, 1, 2)
        scenario.on(2, .threadCreated(7))
        scenario.on(2, .exitRequested(code: 0, isGroup: false))
        scenario.on(2, .threadExited(isGroupDead: false))
        scenario.on(2, .exitRequested(code: 0, isGroup: false), thread: 7)
        scenario.on(2, .threadExited(isGroupDead: true), thread: 7)
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals.unknown.isEmpty)
    }

    /// What was lost may have been the call.
    @Test func afterALoss() {
        var scenario = Self.scenario()
        scenario.loseEvents()
        scenario.create(1, 2)
        scenario.on(2, .executed(path: "/bin/true", oldThread: 2))
        scenario.on(2, .threadExited(isGroupDead: true))
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals.unknown.isEmpty)
    }

    /// One that ran before may have been inside the call when the recording began.
    @Test func aProcessThatRanBefore() {
        var scenario = Self.scenario(.processes([1]))
        scenario.create(1, 2)
        scenario.exit(2)
        scenario.on(1, .waitReturned(child: 2))
        #expect(scenario.tracker.totals.unknown.isEmpty)
        scenario.create(1, 3)
        scenario.finish()
        #expect(scenario.tracker.totals.unknown[.failedCreations] == 1)
    }

    /// The kernel starts programs of its own, without a call.
    @Test func helpersOfTheKernel() {
        var scenario = Self.scenario(.everything)
        for pid in [50, 52] as [Int32] {
            scenario.create(40, pid, comm: "kworker/u8:1")
            scenario.on(pid, .executed(path: "/sbin/modprobe", oldThread: pid))
            scenario.exit(pid)
        }
        scenario.finish()
        #expect(scenario.tracker.totals.executed == 2 && scenario.tracker.totals.unknown.isEmpty)
    }

    /// A process with an io_uring can wait by that, and so can a child that was made since; an exec closes it.
    @Test(arguments: ["parent", "child", "executed"]) func waitsByRing(who: String) {
        var scenario = Self.scenario()
        scenario.on(1, .ringCreated)
        var parent: Int32 = 1
        if who != "parent" {
            Self.enter(&scenario, 1, 2)
            parent = 2
        }
        if who == "executed" {
            scenario.attempt(2)
            scenario.exec(2)
        }
        for child in [11, 12] as [Int32] {
            Self.enter(&scenario, parent, child)
            scenario.exit(child)
            scenario.on(child, .parentTold(thread: parent))
        }
        scenario.on(parent, .waitReturned(child: 12))
        scenario.exit(parent)
        if parent == 2 { scenario.on(1, .waitReturned(child: 2)) }
        scenario.exit(1)
        scenario.finish()
        let totals = scenario.tracker.totals
        let isKnown = who == "executed"
        #expect(totals.unreaped == (isKnown ? 1 : 0))
        #expect(totals.unknown.count(.unreaped, .ring) == (isKnown ? 0 : 1))
        #expect(totals.unknown.count(.unreaped, .compat32) == 0 && totals.unknown[.failedAttempts] == 0)
        #expect(scenario.spawns.first { $0.pid == 12 }?.unknown.isEmpty == true)
    }

    /// Of two reasons the one that leaves more unknown is told.
    @Test func ringsOfProcessesWhoseCallsAreNotSeen() {
        var scenario = Self.scenario()
        scenario.on(1, .ringCreated)
        scenario.create(1, 2)
        scenario.on(2, .threadExited(isGroupDead: true))
        scenario.on(2, .parentTold(thread: 1))
        scenario.exit(1)
        scenario.finish()
        let unknown = scenario.tracker.totals.unknown
        #expect(unknown.count(.unreaped, .compat32) == 1 && unknown.count(.unreaped, .ring) == 0)
    }
}
