import SpawnModel
import Testing

/// Where the lineage begins when the workload ran already.
@Suite struct RootsTests {
    @Test func runningProcessesAreRootsAndNoSpawns() {
        var scenario = Scenario(roots: .processes([1, 2]))
        #expect(scenario.tracker.isInLineage(2) && !scenario.tracker.isInLineage(3))
        scenario.attempt(1, fails: 2)
        scenario.exec(1)
        scenario.create(2, 5)
        scenario.create(3, 6)
        scenario.exec(6)
        scenario.exit(1)
        scenario.exit(5)
        scenario.finish()
        #expect(scenario.spawns.map(\.pid) == [5])
        let totals = scenario.tracker.totals
        #expect(totals.spawns == 1 && totals.forked == 1 && totals.unfinished == 0)
        // What a root does counts in the totals, its first exec here included.
        #expect(totals.execs == 1 && totals.failedAttempts == 1)
    }

    @Test func aChildThatWasReadAsARootIsASpawn() {
        var scenario = Scenario(roots: .processes([1, 2]))
        scenario.create(1, 2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.parentPID) == [1])
    }

    @Test func theRecorderAndItsChildrenAreLeftOut() {
        var scenario = Scenario(roots: .everything, excluding: 9)
        scenario.create(9, 10)
        scenario.create(10, 11)
        scenario.exec(11)
        #expect(scenario.tracker.follows(11) && !scenario.tracker.isInLineage(11))
        scenario.create(1, 2)
        scenario.exit(2)
        scenario.exit(11)
        // The pid is used again, by someone else.
        scenario.create(1, 10)
        scenario.exit(10)
        scenario.finish()
        #expect(scenario.spawns.map(\.pid) == [2, 10])
        #expect(scenario.tracker.totals.execs == 0)
    }

    @Test func anEndedOutsiderIsForgotten() {
        var scenario = Scenario(roots: .everything, excluding: 9)
        scenario.exit(9)
        #expect(scenario.tracker.isInLineage(9))
    }

    @Test func aCommandWithinTheMachine() {
        var scenario = Scenario(roots: .everything, starting: 3)
        scenario.attempt(3, fails: 2)
        scenario.exec(3)
        scenario.exec(3)
        scenario.exec(4)
        #expect(scenario.tracker.totals.execs == 2 && scenario.tracker.totals.failedAttempts == 0)
    }
}
