import SpawnModel
import Testing

/// Each case reads as the records of a spawn, a line each with its time, and the phases that they make.
@Suite struct PhaseTests {
    /// Feeds `time process kind` lines; processes are their leaders' threads.
    private func spawns(
        _ lines: [(UInt64, Int32, LifecycleEvent.Kind)],
        evidence: SpawnTracker.Evidence = .init(tellsWaits: true, tellsParents: true)
    ) -> (spawns: [Spawn], totals: SpawnTotals) {
        var tracker = SpawnTracker(roots: .processes([1]), evidence: evidence)
        for (time, process, kind) in lines {
            tracker.handle(LifecycleEvent(kind, process: process, thread: process, time: time))
        }
        tracker.finish()
        var spawns: [Spawn] = []
        while let spawn = tracker.nextEnded() { spawns.append(spawn) }
        return (spawns, tracker.totals)
    }

    private func phases(_ spawn: Spawn) -> [String: UInt64] {
        var phases: [String: UInt64] = [:]
        for phase in Phase.allCases { phases[phase.name] = spawn.phases[phase] }
        return phases
    }

    private static let whole: [(UInt64, Int32, LifecycleEvent.Kind)] = [
        (100, 1, .creationBegan),
        (110, 1, .created(child: 2, cloneFlags: 0x4111)),
        (125, 2, .creationReturned(result: 0)),
        (150, 2, .attemptBegan()),
        (160, 2, .attemptEnded(result: -2)),
        (170, 2, .attemptBegan()),
        (200, 2, .executed(path: "/bin/true", oldThread: 2)),
        (210, 2, .attemptEnded(result: 0)),
        (215, 1, .creationReturned(result: 2)),
        (220, 1, .waitBegan(child: 2)),
        (300, 2, .exitRequested(code: 0, isGroup: true)),
        (310, 2, .threadExited(isGroupDead: true)),
        (312, 2, .parentTold(thread: nil)),
        (330, 1, .waitReturned(child: 2)),
    ]

    @Test func aWholeLifeIsContiguousPhasesThatAddUp() throws {
        let spawn = try #require(spawns(Self.whole).spawns.first)
        #expect(
            phases(spawn) == [
                "create": 10, "wake": 15, "prepare": 25, "search": 20, "exec": 40, "run": 100, "reap": 20,
            ])
        #expect(spawn.total == 230 && phases(spawn).values.reduce(0, +) == 230)
        #expect(spawn.overhead == 110 && spawn.isComplete)
        #expect(spawn.blockedCreating == 115 && spawn.blockedWaiting == 110 && spawn.blocked == 225)
        #expect(!spawn.isUnreaped && !spawn.isOrphaned && !spawn.isUnfinished)
    }

    @Test func theLinkEndsWhereTheProgramProperBegins() throws {
        var lines = Self.whole
        lines.insert((240, 2, .linked), at: 9)
        let spawn = try #require(spawns(lines).spawns.first)
        #expect(phases(spawn)["link"] == 30 && phases(spawn)["run"] == 70 && spawn.overhead == 140)
        #expect(phases(spawn).values.reduce(0, +) == spawn.total)
    }

    /// Which events one phase rests on: without either, it and nothing else is unknown.
    @Test(
        arguments: [
            (0, ["create"]), (2, ["wake", "prepare"]), (5, ["search", "exec"]), (7, ["exec", "run"]),
            (13, ["reap"]),
        ] as [(Int, [String])])
    func aLostEventMakesItsPhasesUnknown(lost: Int, unknown: [String]) throws {
        var lines = Self.whole
        lines.remove(at: lost)
        let spawn = try #require(spawns(lines).spawns.first)
        let names: Set = ["create", "wake", "prepare", "search", "exec", "run", "reap"]
        #expect(Set(phases(spawn).keys) == names.subtracting(unknown))
        #expect(lost == 13 ? spawn.isUnreaped : !spawn.isComplete)
        if lost == 0 { #expect(spawn.total == nil && spawn.overhead == nil) }
    }

    /// The first attempt that is seen need not be the first.
    @Test func lossesBeforeTheFirstAttemptMakeTheSearchUnknown() throws {
        var tracker = SpawnTracker(roots: .processes([1]), evidence: .init())
        for (index, (time, process, kind)) in Self.whole.enumerated() {
            if index == 3 { tracker.eventsWereLost() }
            tracker.handle(LifecycleEvent(kind, process: process, thread: process, time: time))
        }
        let ended = tracker.nextEnded()
        let spawn = try #require(ended)
        #expect(spawn.phases[.prepare] == nil && spawn.phases[.search] == nil && spawn.phases[.exec] == 40)
        #expect(!spawn.isComplete)
    }

    /// The return of a successful attempt tells as much as `sched_process_exec`, but for the path.
    @Test func anExecIsKnownByItsReturnAlone() throws {
        var lines = Self.whole
        lines.remove(at: 6)
        let (spawns, totals) = spawns(lines)
        let spawn = try #require(spawns.first)
        #expect(spawn.outcome == .executed && spawn.path == nil && spawn.phases[.exec] == 40)
        #expect(totals.execs == 1 && totals.failedAttempts == 1)
    }

    @Test func aForkedChildHasNoExec() throws {
        let spawn = try #require(
            spawns([
                (100, 1, .creationBegan), (150, 1, .created(child: 2, cloneFlags: 0x1200011)),
                (152, 1, .creationReturned(result: 2)), (160, 2, .creationReturned(result: 0)),
                (200, 2, .threadExited(isGroupDead: true)), (201, 2, .parentTold(thread: nil)),
                (250, 1, .waitBegan(child: 0)),
                (251, 1, .waitReturned(child: 2)),
            ]).spawns.first)
        #expect(phases(spawn) == ["create": 50, "wake": 10, "run": 40, "reap": 51])
        #expect(spawn.total == 151 && spawn.isComplete && spawn.overhead == 60 && spawn.blocked == 53)
    }

    @Test func aFailedChildsSearchEndsWithItsLastAttempt() throws {
        let spawn = try #require(
            spawns([
                (100, 1, .creationBegan), (110, 1, .created(child: 2, cloneFlags: 0x4111)),
                (120, 2, .creationReturned(result: 0)), (130, 2, .attemptBegan()), (140, 2, .attemptEnded(result: -2)),
                (145, 2, .attemptBegan()), (155, 2, .attemptEnded(result: -13)),
                (170, 2, .threadExited(isGroupDead: true)), (171, 2, .parentTold(thread: nil)),
                (180, 1, .waitReturned(child: 2)),
            ]).spawns.first)
        #expect(phases(spawn) == ["create": 10, "wake": 10, "prepare": 10, "search": 25, "run": 15, "reap": 10])
        #expect(spawn.outcome == .failed && spawn.total == 80 && spawn.isComplete)
    }

    @Test func theSpawnersReturnMayComeAfterTheEnd() throws {
        var lines = Self.whole
        let returned = lines.remove(at: 8)
        lines.insert((320, returned.1, returned.2), at: 12)
        let spawn = try #require(spawns(lines).spawns.first)
        #expect(spawn.blockedCreating == 220 && spawn.isComplete)
    }

    // MARK: - Who reaps

    private static let ended: [(UInt64, Int32, LifecycleEvent.Kind)] = [
        (100, 1, .creationBegan), (110, 1, .created(child: 2, cloneFlags: 0x4111)),
        (120, 2, .creationReturned(result: 0)), (121, 1, .creationReturned(result: 2)),
        (130, 2, .threadExited(isGroupDead: true)), (131, 2, .parentTold(thread: nil)),
    ]

    @Test func aChildThatNobodyWaitsForIsUnreaped() throws {
        let (spawns, totals) = spawns(Self.ended)
        #expect(spawns.map(\.isUnreaped) == [true] && totals.unreaped == 1 && totals.orphaned == 0)
        #expect(spawns.first?.phases[.reap] == nil && spawns.first?.total == 30)
        // Its parent ends: init inherits a zombie.
        let (left, _) = self.spawns(Self.ended + [(200, 1, .threadExited(isGroupDead: true))])
        #expect(left.map(\.isUnreaped) == [true])
    }

    @Test func aParentThatIgnoresItsChildrenLeavesThemToTheKernel() {
        let (spawns, totals) = spawns(Array(Self.ended.dropLast()))
        #expect(spawns.map(\.isUnreaped) == [false] && totals.unreaped == 0)
    }

    @Test func aSessionWithoutWaitsSaysNothingOfReaping() {
        let (spawns, totals) = spawns(Self.ended, evidence: .init())
        #expect(spawns.map(\.isUnreaped) == [false] && totals.unreaped == 0)
    }

    /// WNOWAIT leaves the child, and counts as time spent waiting for it (Go waits so before it reaps).
    @Test func aWaitThatLeavesTheChildIsNoReaping() throws {
        let peek: [(UInt64, Int32, LifecycleEvent.Kind)] = [
            (122, 1, .waitidBegan(WaitidArguments(which: 1, options: 0x100_0004))), (123, 1, .waitBegan(child: 2)),
        ]
        let lines = Self.ended[..<4] + peek + Self.ended[4...] + [(140, 1, .waitidReturned)]
        let (left, _) = spawns(Array(lines))
        #expect(left.map(\.isUnreaped) == [true] && left.map(\.blockedWaiting) == [17])
        let (reaped, _) = spawns(Array(lines) + [(141, 1, .waitBegan(child: 2)), (143, 1, .waitReturned(child: 2))])
        #expect(reaped.map(\.isUnreaped) == [false] && reaped.map(\.blockedWaiting) == [19])
        #expect(reaped.first?.phases[.reap] == 13)
    }

    /// waitid(P_ALL) does not say whom it took: the recorder's program does, or there is only one.
    @Test func waitsForAnyChild() {
        let other: [(UInt64, Int32, LifecycleEvent.Kind)] = [
            (132, 1, .creationBegan), (133, 1, .created(child: 3, cloneFlags: 0x4111)),
            (134, 1, .creationReturned(result: 3)), (135, 3, .threadExited(isGroupDead: true)),
            (136, 3, .parentTold(thread: nil)),
        ]
        let wait: [(UInt64, Int32, LifecycleEvent.Kind)] = [
            (140, 1, .waitidBegan(WaitidArguments(which: 0, options: 4))), (141, 1, .waitBegan(child: 0)),
        ]
        let (one, _) = spawns(Self.ended + wait + [(150, 1, .waitidReturned)])
        #expect(one.map(\.isUnreaped) == [false] && one.map(\.blockedWaiting) == [9])
        let (two, totals) = spawns(Self.ended + other + wait + [(150, 1, .waitidReturned)])
        #expect(two.count == 2 && totals.unreaped == 2)
        var evidence = SpawnTracker.Evidence(tellsWaits: true, tellsParents: true)
        evidence.tellsReaped = true
        let (told, toldTotals) = spawns(
            Self.ended + other + wait + [(149, 1, .reaped(child: 3)), (150, 1, .waitidReturned)], evidence: evidence)
        #expect(toldTotals.unreaped == 1 && told.first { !$0.isUnreaped }?.pid == 3)
        // One that the program tells of, and one that it did not see: of the child that is left.
        evidence.tellsReaped = false
        let missed: [(UInt64, Int32, LifecycleEvent.Kind)] = [
            (149, 1, .reaped(child: 3)), (150, 1, .waitidReturned),
            (151, 1, .waitidBegan(WaitidArguments(which: 0, options: 4))), (152, 1, .waitBegan(child: 0)),
            (153, 1, .waitidReturned),
        ]
        let (both, bothTotals) = spawns(Self.ended + other + wait + missed, evidence: evidence)
        #expect(both.count == 2 && bothTotals.unreaped == 0)
    }

    /// WNOHANG on a child that lives, and a stopped child's status, take nobody.
    @Test func aLivingChildIsNotReaped() {
        let poll: [(UInt64, Int32, LifecycleEvent.Kind)] = [
            (122, 1, .waitidBegan(WaitidArguments(which: 3, options: 5))), (123, 1, .waitBegan(child: 2)),
            (124, 1, .waitidReturned), (125, 1, .waitBegan(child: 0)), (126, 1, .waitReturned(child: 2)),
        ]
        let (spawns, _) = spawns(Array(Self.ended[..<4] + poll + Self.ended[4...]))
        #expect(spawns.map(\.isUnreaped) == [true] && spawns.map(\.blockedWaiting) == [2])
    }

    /// Waits that return nothing count where nothing happened since the one before, and none where one that blocks takes the child.
    @Test func waitsThatReturnNothing() {
        func looks(_ times: Range<UInt64>, child: Int32 = 2) -> [(UInt64, Int32, LifecycleEvent.Kind)] {
            times.flatMap { [($0, 1, .waitBegan(child: child)), ($0, 1, .waitReturned(child: 0))] }
        }
        func polls(_ looks: [(UInt64, Int32, LifecycleEvent.Kind)], takenBy began: UInt64 = 140, child: Int32 = 2)
            -> Int?
        {
            let taken: [(UInt64, Int32, LifecycleEvent.Kind)] = [
                (began, 1, .waitBegan(child: child)), (150, 1, .waitReturned(child: 2)),
            ]
            let lines = (Self.ended[..<4] + looks + Self.ended[4...] + taken).sorted { $0.0 < $1.0 }
            return spawns(lines).spawns.first { $0.pid == 2 }?.polls
        }
        // The first of them may be a look after the creation.
        #expect(polls(looks(122..<129)) == 6 && polls(looks(122..<129, child: 0), child: 0) == 6)
        #expect(polls(looks(122..<123)) == 0 && polls([]) == 0)
        // The last wait began before the end.
        #expect(polls(looks(122..<129), takenBy: 129) == 0)
        // Each follows a change: another child was made, or ended.
        let others = (0..<6).flatMap { index -> [(UInt64, Int32, LifecycleEvent.Kind)] in
            let (child, time) = (Int32(10 + index), UInt64(122 + index))
            return looks(time..<time + 1, child: 0) + [(time, 1, .created(child: child, cloneFlags: 0x4111))]
                + looks(time..<time + 1) + [(time, child, .threadExited(isGroupDead: true))]
        }
        #expect(polls(others) == 0)
        // libuv looks once for each signal that had come before it is asked again: six at once, and no more.
        let ends = (0..<6).flatMap { index -> [(UInt64, Int32, LifecycleEvent.Kind)] in
            let (child, time) = (Int32(10 + index), UInt64(123 + index))
            return [
                (time, 1, .created(child: child, cloneFlags: 0x4111)), (time, child, .threadExited(isGroupDead: true)),
            ]
        }
        // Each child is made and ends: twelve changes.
        #expect(polls(looks(122..<123) + ends + looks(129..<136)) == 0)
        #expect(polls(looks(122..<123) + ends + Array(repeating: looks(129..<130), count: 20).joined()) == 8)
        // All six had ended before it was looked at for the first time.
        #expect(polls(ends + looks(129..<136)) == 0)
        #expect(polls(ends + Array(repeating: looks(129..<130), count: 20).joined()) == 13)
        // Restarted waits begin again and return nothing: the kernel's own numbers are no returns of theirs.
        #expect(polls((122..<129).map { ($0, 1, .waitBegan(child: 2)) }) == 0)
        let poll: [(UInt64, Int32, LifecycleEvent.Kind)] = (122..<129).flatMap {
            [
                ($0, 1, .waitidBegan(WaitidArguments(which: 1, options: 5))), ($0, 1, .waitBegan(child: 2)),
                ($0, 1, .waitidReturned),
            ] as [(UInt64, Int32, LifecycleEvent.Kind)]
        }
        #expect(polls(poll) == 6)
    }

    /// A process with a pid namespace of its own knows its children by other pids.
    @Test func childrenByTheirPidInTheirParentsNamespace() throws {
        let (spawns, _) = spawns([
            (100, 1, .creationBegan), (110, 1, .created(child: 4002, cloneFlags: 0x11)),
            (115, 1, .creationReturned(result: 2)), (120, 4002, .creationReturned(result: 0)),
            (130, 4002, .threadExited(isGroupDead: true)), (131, 4002, .parentTold(thread: nil)),
            (140, 1, .waitReturned(child: 2)),
        ])
        let spawn = try #require(spawns.first)
        #expect(spawns.count == 1 && spawn.blockedCreating == 15 && spawn.phases[.reap] == 10)
    }

    // MARK: - Who is left behind

    @Test func aChildThatOutlivesItsParentIsAnOrphan() throws {
        let (spawns, totals) = spawns([
            (110, 1, .created(child: 2, cloneFlags: 0x11)), (120, 2, .created(child: 3, cloneFlags: 0x11)),
            (130, 2, .threadExited(isGroupDead: true)), (131, 2, .parentTold(thread: nil)),
            (140, 1, .waitReturned(child: 2)),
            (200, 3, .threadExited(isGroupDead: true)), (201, 3, .parentTold(thread: nil)),
        ])
        let orphan = try #require(spawns.first { $0.pid == 3 })
        #expect(orphan.isOrphaned && orphan.outlivedParentBy == 70 && !orphan.isUnreaped && orphan.parentPID == 2)
        #expect(totals.orphaned == 1 && totals.unreaped == 0)
    }

    @Test func aChildMadeAsASiblingHasItsSpawnersParent() throws {
        // CLONE_PARENT: the wait that takes it is the root's.
        let (spawns, totals) = spawns([
            (110, 1, .created(child: 2, cloneFlags: 0x11)), (120, 2, .created(child: 3, cloneFlags: 0x8011)),
            (130, 2, .threadExited(isGroupDead: true)), (131, 2, .parentTold(thread: nil)),
            (140, 1, .waitReturned(child: 2)),
            (200, 3, .threadExited(isGroupDead: true)), (201, 3, .parentTold(thread: nil)),
            (210, 1, .waitReturned(child: 3)),
        ])
        let sibling = try #require(spawns.first { $0.pid == 3 })
        #expect(!sibling.isOrphaned && sibling.parentPID == 2 && sibling.phases[.reap] == 10)
        #expect(totals.unreaped == 0 && totals.orphaned == 0)
    }

    @Test func aPidThatIsUsedAgainWasFree() {
        let (spawns, totals) = spawns(
            Self.ended + [(300, 1, .created(child: 2, cloneFlags: 0x11)), (310, 2, .threadExited(isGroupDead: true))])
        #expect(spawns.count == 2 && spawns.first?.isUnreaped == false)
        #expect(totals.spawns == 2)
    }

    /// Events of a process's tear-down, and those that come late, are nobody's.
    @Test func nothingHappensToAnEndedProcess() {
        let late: [(UInt64, Int32, LifecycleEvent.Kind)] = [
            (140, 2, .attemptBegan()), (141, 2, .executed(path: "/x", oldThread: 2)), (142, 2, .threadEnded),
            (143, 2, .deadlySignal(9)), (144, 2, .created(child: 9, cloneFlags: 0x11)),
        ]
        let (spawns, totals) = spawns(Self.ended + late)
        #expect(spawns.map(\.outcome) == [.forked] && spawns.map(\.signal) == [nil] && totals.execs == 0)
    }
}
