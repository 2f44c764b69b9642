import SpawnModel
import Testing

/// What ended a process: which of several exit codes and signals counts.
@Suite struct EndingTests {
    private func ended(
        evidence: SpawnTracker.Evidence = .init(), _ kinds: [(thread: Int32, kind: LifecycleEvent.Kind)]
    ) throws -> Spawn {
        var tracker = SpawnTracker(roots: .processes([1]), evidence: evidence)
        var time: UInt64 = 100
        tracker.handle(
            LifecycleEvent(.created(child: 2, cloneFlags: 0x11), process: 1, thread: 1, time: time))
        for (thread, kind) in kinds {
            time += 10
            // Thread 1 is the root, 7 an outsider, all others are of process 2.
            let process: Int32 = thread == 1 || thread == 7 ? thread : 2
            tracker.handle(LifecycleEvent(kind, process: process, thread: thread, time: time))
        }
        tracker.handle(LifecycleEvent(.threadExited(isGroupDead: true), process: 2, thread: 2, time: time + 10))
        let spawn = tracker.nextEnded()
        return try #require(spawn)
    }

    /// The kernel delivers SIGKILL in the place of signals that end a process without a core dump.
    @Test func aSignalWithoutCoreDumpIsTheOneThatWasSent() throws {
        for sender: Int32 in [1, 2, 7] {
            let spawn = try ended([(sender, .signalSent(15, toThread: 2, isKernels: false)), (2, .deadlySignal(9))])
            #expect(spawn.signal == 15 && spawn.status == nil)
        }
    }

    @Test func whoSentTheSignalIsKnownByItsRelation() throws {
        let kill = LifecycleEvent.Kind.signalSent(9, toThread: 2, isKernels: false)
        #expect(
            try ended([(1, kill), (2, .deadlySignal(9))]).signalSender
                == SignalSender(relation: .parent, pid: 1, comm: ""))
        #expect(
            try ended([(7, kill), (2, .deadlySignal(9))]).signalSender
                == SignalSender(relation: .other, pid: 7, comm: ""))
        let abort = LifecycleEvent.Kind.signalSent(6, toThread: 2, isKernels: false)
        #expect(try ended([(2, abort), (2, .deadlySignal(6))]).signalSender?.relation == .itself)
        let fault = LifecycleEvent.Kind.signalSent(11, toThread: 2, isKernels: true)
        #expect(try ended([(2, fault), (2, .deadlySignal(11))]).signalSender == SignalSender(relation: .kernel))
        // One that it survived, before another that no event told of.
        #expect(
            try ended([(1, .signalSent(10, toThread: 2, isKernels: false)), (2, .deadlySignal(11))]).signalSender == nil
        )
    }

    /// The death signal of a parent that has just ended.
    @Test func aDeathSignalIsTheParents() throws {
        let spawn = try ended([
            (1, .threadExited(isGroupDead: true)), (1, .signalSent(9, toThread: 2, isKernels: false)),
            (2, .deadlySignal(9)),
        ])
        #expect(spawn.isOrphaned && spawn.signalSender?.relation == .parent && spawn.signalSender?.pid == 1)
    }

    @Test func aKillIsAKill() throws {
        let spawn = try ended([
            (1, .signalSent(10, toThread: 2, isKernels: false)), (1, .signalSent(9, toThread: 2, isKernels: false)),
            (2, .deadlySignal(9)),
        ])
        #expect(spawn.signal == 9)
        // A session that does not tell what was sent.
        #expect(try ended([(2, .deadlySignal(9))]).signal == 9)
    }

    /// A timer that expires on an idle CPU: no event tells its signal.
    @Test func aSignalThatWasNotToldIsNotGuessed() throws {
        var evidence = SpawnTracker.Evidence()
        evidence.tellsParents = true
        let spawn = try ended(
            evidence: evidence,
            [
                (2, .exitRequested(code: 3, isGroup: false)), (2, .deadlySignal(9)),
            ])
        #expect(spawn.signal == nil && spawn.status == nil && spawn.borders.ended != nil)
        #expect(try ended(evidence: evidence, [(2, .deadlySignal(11))]).signal == 11)
    }

    @Test func whatComesAfterADeadlySignalDoesNotCount() throws {
        let spawn = try ended([
            (2, .deadlySignal(11)), (3, .deadlySignal(9)), (2, .exitRequested(code: 4, isGroup: true)),
            (1, .signalSent(15, toThread: 2, isKernels: false)),
        ])
        #expect(spawn.signal == 11 && spawn.status == nil)
    }

    /// exit_group ends the other threads by SIGKILL.
    @Test func anExitOfAllThreadsIsNoKill() throws {
        let spawn = try ended([(3, .exitRequested(code: 5, isGroup: true)), (2, .deadlySignal(9))])
        #expect(spawn.status == 5 && spawn.signal == nil)
    }

    @Test func threadsThatLeaveOneByOneLeaveTheLastOnesCode() throws {
        let kinds: [(thread: Int32, kind: LifecycleEvent.Kind)] = [
            (2, .exitRequested(code: 12, isGroup: false)), (3, .exitRequested(code: 13, isGroup: false)),
        ]
        #expect(try ended(kinds).status == 13)
        var older = SpawnTracker.Evidence()
        older.leaderDecidesCode = true
        #expect(try ended(evidence: older, kinds).status == 12)
    }

    /// A thread's exec ends the others, the leader among them, and the process goes on under the leader's id.
    @Test func anExecOfAnotherThreadIsNoEnd() throws {
        let spawn = try ended([
            (3, .attemptBegan()), (2, .deadlySignal(9)), (2, .executed(path: "/bin/true", oldThread: 3)),
            (2, .exitRequested(code: 6, isGroup: true)),
        ])
        #expect(spawn.status == 6 && spawn.signal == nil && spawn.outcome == .executed)
    }

    /// A signal for one thread reaches its process.
    @Test func aSignalForAThreadIsItsProcesss() throws {
        let spawn = try ended([
            (2, .threadCreated(3)), (2, .signalSent(14, toThread: 3, isKernels: false)), (3, .deadlySignal(9)),
        ])
        #expect(spawn.signal == 14)
    }

    @Test func aFailedCreationOfAThreadIsNone() {
        var evidence = SpawnTracker.Evidence()
        evidence.tellsCreationEntries = true
        var tracker = SpawnTracker(roots: .processes([1]), evidence: evidence)
        tracker.handle(LifecycleEvent(.creationReturned(result: -11), process: 1, thread: 1, time: 5))
        #expect(tracker.totals.failedCreations == 0 && tracker.totals.unknown.isEmpty)
        tracker.handle(LifecycleEvent(.creationBegan, process: 1, thread: 1, time: 6))
        tracker.handle(LifecycleEvent(.creationReturned(result: -11), process: 1, thread: 1, time: 7))
        #expect(tracker.totals.failedCreations == 1)
    }
}
