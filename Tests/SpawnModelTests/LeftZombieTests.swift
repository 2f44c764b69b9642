import SpawnModel
import Testing

/// Children that ended, and that no wait was seen to take before their parent ended: whoever inherits them is told, if they are still there.
@Suite struct LeftZombieTests {
    /// Process 2 has made these children, and they have ended.
    private static func scenario(children: [Int32], flags: UInt64? = Scenario.vforkFlags) -> Scenario {
        var evidence = SpawnTracker.Evidence(tellsWaits: true, tellsParents: true)
        evidence.tellsInheritors = true
        var scenario = Scenario(evidence: evidence)
        scenario.startRoot()
        scenario.create(1, 2, flags: flags)
        for child in children {
            scenario.create(2, child)
            scenario.exit(child)
            scenario.on(child, .parentTold(thread: 2))
        }
        return scenario
    }

    /// How many of them the kernel tells their heir of, and then the end of process 2 itself.
    private static func end(_ scenario: inout Scenario, told: Int) {
        scenario.exit(2)
        for _ in 0..<told { scenario.on(2, .parentTold(thread: 9999)) }
        scenario.on(2, .parentTold(thread: 1))
        scenario.on(1, .waitReturned(child: 2))
        scenario.exit(1)
        scenario.finish()
    }

    @Test(arguments: [1, 2, 5]) func childrenThatAreStillThere(count: Int) {
        var scenario = Self.scenario(children: (0..<count).map { 10 + Int32($0) })
        Self.end(&scenario, told: count)
        let totals = scenario.tracker.totals
        #expect(totals.unreaped == count && totals.unknown.isEmpty && totals.spawns == count + 1)
    }

    /// By a wait of io_uring's or by int $0x80, or by the kernel (SA_NOCLDWAIT). Which ones is not known.
    @Test(arguments: [(1, 0), (2, 1), (3, 0)]) func childrenThatAreGone(count: Int, told: Int) {
        var scenario = Self.scenario(children: (0..<count).map { 10 + Int32($0) })
        Self.end(&scenario, told: told)
        let totals = scenario.tracker.totals
        #expect(totals.unreaped == 0 && totals.unknown[.unreaped] == count)
        #expect(totals.unknown.count(.unreaped, .reaping) == count && totals.unknown.count(.unreaped, .compat32) == 0)
        #expect(scenario.spawns.filter { $0.unknown.contains(.unreaped) }.count == count)
        #expect(scenario.spawns.allSatisfy { !$0.isUnreaped && !$0.isOrphaned })
    }

    /// One that a wait took is none of them.
    @Test func aChildThatWasReaped() {
        var scenario = Self.scenario(children: [10, 11])
        scenario.on(2, .waitReturned(child: 10))
        Self.end(&scenario, told: 1)
        #expect(scenario.spawns.filter(\.isUnreaped).map(\.pid) == [11])
        #expect(scenario.tracker.totals.unknown.isEmpty)
    }

    /// Of threads that end at the same time one may have left its children before the last has ended.
    @Test func aThreadThatLeavesItsChildrenFirst() {
        var scenario = Self.scenario(children: [10])
        scenario.on(2, .threadCreated(7))
        scenario.on(2, .exitRequested(code: 0, isGroup: true))
        scenario.on(2, .threadExited(isGroupDead: false))
        scenario.on(2, .parentTold(thread: 9999))
        scenario.on(2, .threadExited(isGroupDead: true), thread: 7)
        scenario.on(2, .parentTold(thread: 1), thread: 7)
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.spawns.filter(\.isUnreaped).map(\.pid) == [10])
    }

    /// The same where the session does not show that an end was requested (the recorder joined): what is told just before the end
    /// belongs to it, what was told long before does not.
    @Test(arguments: [(UInt64(0), 1), (20_000_000, 0)]) func beforeAnEndThatNothingAnnounced(
        earlier: UInt64, unreaped: Int
    ) {
        var scenario = Self.scenario(children: [10])
        scenario.on(2, .threadCreated(7))
        scenario.on(2, .parentTold(thread: 9999))
        scenario.time += earlier
        scenario.on(2, .exitRequested(code: 0, isGroup: true), thread: 7)
        scenario.on(2, .threadExited(isGroupDead: true), thread: 7)
        scenario.on(2, .parentTold(thread: 1), thread: 7)
        scenario.on(1, .waitReturned(child: 2))
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals.unreaped == unreaped)
        #expect(scenario.tracker.totals.unknown[.unreaped] == 1 - unreaped)
    }

    /// The first process of a pid namespace reaps all that is in there when it ends, and tells nobody.
    @Test func theFirstOfANamespace() {
        var scenario = Self.scenario(children: [10], flags: 0x2000_0011)
        Self.end(&scenario, told: 0)
        #expect(scenario.spawns.filter(\.isUnreaped).map(\.pid) == [10])
    }

    /// The recording's root is no spawn, and its end is the recording's.
    @Test(arguments: [true, false]) func childrenOfTheRoot(areThere: Bool) {
        var scenario = Self.scenario(children: [])
        scenario.exit(2)
        scenario.on(2, .parentTold(thread: 1))
        scenario.exit(1)
        if areThere { scenario.on(1, .parentTold(thread: 9999)) }
        scenario.on(1, .parentTold(thread: 9998))
        #expect(scenario.tracker.follows(1))
        scenario.finish()
        #expect(scenario.tracker.totals.unreaped == (areThere ? 1 : 0))
        #expect(scenario.tracker.totals.unknown[.unreaped] == (areThere ? 0 : 1))
    }

    /// By a ring it may have waited; what is still there was not waited for.
    @Test(arguments: [0, 1]) func childrenOfWhoHasARing(told: Int) {
        var scenario = Self.scenario(children: [10])
        scenario.on(2, .ringCreated)
        Self.end(&scenario, told: told)
        let totals = scenario.tracker.totals
        #expect(totals.unreaped == told && totals.unknown.count(.unreaped, .ring) == 1 - told)
        #expect(totals.unknown.isEmpty == (told == 1))
    }

    /// It makes 32-bit calls, and what only these would tell stays unknown of its children after it is gone; that they are still there is known.
    @Test(arguments: [0, 1]) func childrenOfWhoMakesUnseenCalls(told: Int) {
        var evidence = SpawnTracker.Evidence(tellsWaits: true, tellsParents: true)
        (evidence.tellsInheritors, evidence.tellsCreationEntries) = (true, true)
        var scenario = Scenario(evidence: evidence)
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.exit(2)
        scenario.on(2, .parentTold(thread: 1))
        scenario.exit(1)
        for _ in 0...told { scenario.on(1, .parentTold(thread: 9999)) }
        scenario.finish()
        #expect(scenario.spawns.map { $0.unknown.contains(.blocked) } == [true])
        #expect(scenario.spawns.map { $0.unknown.contains(.unreaped) } == [told == 0])
        #expect(scenario.tracker.totals.unreaped == told)
        #expect(scenario.tracker.totals.unknown.count(.unreaped, .compat32) == 1 - told)
    }

    /// What was decided long ago does not stay in memory, and a pid that is used again is another process.
    @Test func manyParents() {
        var scenario = Self.scenario(children: [])
        for round in Int32(0)..<5000 {
            let pid = 10 + (round % 3) * 2
            scenario.create(2, pid)
            scenario.create(pid, pid + 1)
            scenario.exit(pid + 1)
            scenario.on(pid + 1, .parentTold(thread: pid))
            scenario.exit(pid)
            scenario.on(pid, .parentTold(thread: 9999))
            scenario.on(pid, .parentTold(thread: 2))
            scenario.on(2, .waitReturned(child: pid))
        }
        #expect(scenario.tracker.totals.unreaped == 5000)
        scenario.finish()
        #expect(scenario.tracker.totals.spawns == 10_001 && scenario.tracker.totals.unknown.isEmpty)
    }
}
