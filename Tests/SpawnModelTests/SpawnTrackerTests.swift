import SpawnModel
import Testing

@Suite struct SpawnTrackerTests {
    @Test func aSpawnIsCreationExecAndExit() throws {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2, site: 7, comm: "make")
        scenario.attempt(2)
        scenario.exec(2, "/bin/cc")
        scenario.exit(2, 3)
        let spawn = try #require(scenario.spawns.first)
        #expect(scenario.spawns.count == 1)
        #expect(spawn.outcome == .executed)
        #expect(spawn.path == "/bin/cc")
        #expect(spawn.method == .vfork)
        #expect(spawn.parentPID == 1)
        #expect(spawn.callSite == 7)
        #expect(spawn.status == 3)
        #expect(spawn.signal == nil)
        #expect(!spawn.isUnfinished)
        #expect(scenario.tracker.ancestry.names(of: spawn.ancestry) == ["make"])
        #expect(scenario.tracker.totals.spawns == 1)
        #expect(scenario.tracker.totals.execs == 1)
    }

    @Test func theRootAndItsSearchCountNowhere() {
        var scenario = Scenario()
        scenario.attempt(1, fails: 2)
        scenario.attempt(1, fails: 2)
        scenario.startRoot()
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.tracker.totals == SpawnTotals())
        #expect(scenario.spawns.isEmpty)
    }

    @Test func whatTheRootDoesLaterCountsInTheTotalsOnly() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.attempt(1, fails: 2)
        scenario.attempt(1)
        scenario.exec(1, "/bin/sh")
        #expect(scenario.tracker.totals.execs == 1)
        #expect(scenario.tracker.totals.failedAttempts == 1)
        #expect(scenario.tracker.totals.spawns == 0)
    }

    @Test func aPathSearchIsFailedAttemptsOfOneSpawn() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.attempt(2, fails: 2)
        scenario.attempt(2, fails: 13)
        scenario.attempt(2)
        scenario.exec(2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.failedAttempts) == [2])
        #expect(scenario.spawns.map(\.outcome) == [.executed])
        #expect(scenario.tracker.totals.failedAttempts == 2)
    }

    @Test func aChildWhoseAttemptsAllFailIsFailed() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.attempt(2, fails: 2)
        scenario.exit(2, 127)
        #expect(scenario.spawns.map(\.outcome) == [.failed])
        #expect(scenario.spawns.map(\.status) == [127])
        #expect(scenario.tracker.totals.failed == 1)
        #expect(scenario.tracker.totals.executed == 0)
    }

    @Test func aChildKilledInsideItsAttemptIsFailed() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.attempt(2)
        scenario.on(2, .deadlySignal(9))
        scenario.on(2, .threadExited(isGroupDead: true))
        #expect(scenario.spawns.map(\.outcome) == [.failed])
        #expect(scenario.spawns.map(\.signal) == [9])
        #expect(scenario.spawns.map(\.failedAttempts) == [1])
    }

    @Test func aWorkerThatNeverTriesIsForked() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2, flags: 0x1200011)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.outcome) == [.forked])
        #expect(scenario.spawns.map(\.method) == [.fork])
        #expect(scenario.tracker.totals.forked == 1)
    }

    @Test func laterExecsAreNoSpawns() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        for path in ["/usr/bin/env", "/bin/sh", "/usr/bin/python3"] {
            scenario.attempt(2)
            scenario.exec(2, path)
        }
        scenario.exit(2)
        #expect(scenario.spawns.map(\.path) == ["/usr/bin/env"])
        #expect(scenario.spawns.map(\.execs) == [3])
        #expect(scenario.tracker.totals.execs == 3)
    }

    @Test func grandchildrenBelongToTheLineageAndOthersDoNot() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(50, 51)
        scenario.attempt(51)
        scenario.exec(51)
        scenario.create(1, 2, comm: "make")
        scenario.create(2, 3, comm: "sh")
        scenario.exit(3)
        scenario.exit(2)
        scenario.exit(51)
        #expect(scenario.spawns.map(\.pid) == [3, 2])
        #expect(scenario.spawns.first.map { scenario.tracker.ancestry.names(of: $0.ancestry) } == ["make", "sh"])
        #expect(scenario.tracker.totals.execs == 0)
    }

    /// Each process starts the next and ends: stacks of every length up to the number of processes would be its square.
    @Test func aVeryLongChainIsCut() throws {
        var scenario = Scenario()
        scenario.startRoot()
        for pid: Int32 in 1...1000 { scenario.create(pid, pid + 1, comm: "p\(pid)") }
        scenario.finish()
        let last = try #require(scenario.spawns.last)
        let names = scenario.tracker.ancestry.names(of: last.ancestry)
        #expect(names.count == 256 && names.first == "p1" && names.last == "[...]")
        #expect(scenario.tracker.totals.spawns == 1000)
    }

    @Test func threadsAreNoSpawns() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2, flags: Scenario.threadFlags)
        scenario.finish()
        #expect(scenario.spawns.isEmpty)
    }

    @Test func execFromAnotherThreadEndsItsOwnAttempt() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2, flags: 0x11)
        scenario.on(2, .attemptBegan(), thread: 9)
        scenario.on(2, .threadExited(isGroupDead: false), thread: 2)
        scenario.exec(2, "/bin/ls", oldThread: 9)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.path) == ["/bin/ls"])
        #expect(scenario.spawns.map(\.failedAttempts) == [0])
    }

    @Test func anAttemptOfAThreadThatLostTheRaceFailed() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2, flags: 0x11)
        scenario.on(2, .attemptBegan(), thread: 8)
        scenario.on(2, .attemptBegan(), thread: 9)
        scenario.exec(2, "/bin/ls", oldThread: 9)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.failedAttempts) == [1])
    }

    @Test func anAttemptWhoseReturnWasLostFailedWhenTheThreadTriesAgain() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        for _ in 0..<3 { scenario.attempt(2) }
        scenario.exec(2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.failedAttempts) == [2])
        #expect(scenario.tracker.totals.failedAttempts == 2)
    }

    /// Nothing here may take time that grows with the square of what is pending.
    @Test func attemptsOfVeryManyThreads() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        let threads = Int32(2)..<40_002
        for thread in threads { scenario.on(2, .attemptBegan(), thread: thread) }
        for thread in threads { scenario.on(2, .attemptEnded(result: -2), thread: thread + 100_000) }
        for thread in threads.dropLast() { scenario.on(2, .attemptEnded(result: -2), thread: thread) }
        scenario.exit(2)
        #expect(scenario.spawns.map(\.failedAttempts) == [80_000])
        #expect(scenario.spawns.map(\.outcome) == [.failed])
    }

    @Test func failedCreationsMakeNoSpawn() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.on(1, .creationReturned(result: -11))
        scenario.on(1, .creationReturned(result: 0))
        #expect(scenario.tracker.totals.failedCreations == 1)
        #expect(scenario.tracker.totals.spawns == 0)
    }

    @Test func aReusedPidIsAnotherSpawn() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        // Its exit was lost.
        scenario.create(1, 2)
        scenario.exit(2)
        #expect(scenario.spawns.map(\.isUnfinished) == [true, false])
        #expect(scenario.tracker.totals.spawns == 2)
        #expect(scenario.tracker.totals.unfinished == 1)
    }

    @Test func whatLivesAtTheEndIsUnfinished() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 3)
        scenario.attempt(3)
        scenario.exec(3, "/bin/sleep")
        scenario.create(1, 2)
        scenario.exit(1)
        scenario.finish()
        #expect(scenario.spawns.map(\.pid) == [3, 2])
        #expect(scenario.spawns.map(\.isUnfinished) == [true, true])
        #expect(scenario.tracker.totals.unfinished == 2)
        #expect(scenario.tracker.totals.executed == 1)
    }

    /// Cut off with very many alive, as a session of a fork bomb is.
    @Test func manyUnfinishedOnesComeInTheOrderOfTheirCreation() {
        var scenario = Scenario()
        scenario.startRoot()
        let pids = Array(Int32(2)...50_000)
        for pid in pids { scenario.create(1, pid) }
        scenario.finish()
        #expect(scenario.spawns.map(\.pid) == pids)
    }

    @Test func onOlderKernelsTheLastThreadEndsTheProcess() {
        var scenario = Scenario(tellsLastThread: false)
        scenario.startRoot()
        scenario.create(1, 2, flags: 0x11)
        scenario.on(2, .threadCreated(9))
        scenario.on(2, .threadExited(isGroupDead: nil), thread: 2)
        scenario.on(2, .threadEnded, thread: 2)
        #expect(scenario.spawns.isEmpty)
        scenario.on(2, .threadEnded, thread: 9)
        #expect(scenario.spawns.map(\.pid) == [2])
    }

    @Test func theExitCodeIsTheGroupsOrTheLastThreads() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.on(2, .exitRequested(code: 4, isGroup: false), thread: 2)
        scenario.on(2, .exitRequested(code: 5, isGroup: false), thread: 9)
        scenario.on(2, .threadExited(isGroupDead: true), thread: 9)
        scenario.create(1, 3)
        scenario.on(3, .exitRequested(code: 4, isGroup: false), thread: 3)
        scenario.on(3, .exitRequested(code: 6, isGroup: true), thread: 9)
        scenario.on(3, .threadExited(isGroupDead: true), thread: 9)
        #expect(scenario.spawns.map(\.status) == [5, 6])
    }

    @Test func withoutARootEveryProcessIsOne() {
        var scenario = Scenario(root: nil)
        scenario.create(50, 51)
        scenario.attempt(51)
        scenario.exec(51)
        scenario.exit(51)
        scenario.on(60, .threadExited(isGroupDead: true))
        #expect(scenario.spawns.map(\.parentPID) == [50])
        #expect(scenario.tracker.totals.execs == 1)
    }
}

@Suite struct CreationMethodTests {
    /// clone flags as programs really pass them, with what they are.
    @Test(
        arguments: [
            (0x11, CreationMethod.fork),  // fork(2)
            (0x120_0011, .fork),  // glibc's fork: CLONE_CHILD_SETTID | CHILD_CLEARTID
            (0x10_1011, .fork),  // CLONE_PIDFD | PARENT_SETTID
            (0x4111, .vfork),  // vfork, posix_spawn: CLONE_VFORK | CLONE_VM
            (0x5111, .vfork),  // Go: with CLONE_PIDFD
            (0x111, .clone),  // CLONE_VM alone
            (0x400_0011, .clone),  // CLONE_NEWUTS
            (0x1000_0011, .clone),  // CLONE_NEWUSER
            (0x2000_0011, .clone),  // CLONE_NEWPID
            (0x8011, .clone),  // CLONE_PARENT
            (0x2_0000_0011, .clone),  // CLONE_INTO_CGROUP
        ] as [(UInt64, CreationMethod)])
    func flagsDecide(flags: UInt64, method: CreationMethod) {
        #expect(CreationMethod(cloneFlags: flags) == method)
    }
}
