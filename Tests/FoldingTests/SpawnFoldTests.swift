import Analysis
import Folding
import PerfRecords
import Profiles
import SpawnModel
import TestSupport
import Testing

/// Spawns of hand-made sessions, folded by every part.
@Suite struct SpawnFoldTests {
    /// `make` (10) starts a shell, which starts `cc` from one call site and `ld` from another.
    private func build() -> (HandmadeSession, NamedCode, NamedCode) {
        let make = NamedCode(process: 2_147_000_010, "_start", "main", "build", "spawn")
        let shell = NamedCode(process: 2_147_000_011, "_start", "main", "compile", "link", "vfork")
        var session = HandmadeSession()
        session.comm(make.process, "sh")
        session.exec(make.process, "/usr/bin/make")
        session.comm(make.process, "make", isExec: true)
        session.map(make.process, "//anon", at: make.start)
        session.create(make.process, shell.process, stack: make.stack("spawn", "build", "main", "_start"))
        session.fork(make.process, shell.process)
        session.exec(shell.process, "/bin/sh")
        session.comm(shell.process, "sh", isExec: true)
        session.map(shell.process, "//anon", at: shell.start)
        for (child, function) in [(Int32(21), "compile"), (22, "compile"), (23, "link")] {
            session.create(shell.process, child, stack: shell.stack("vfork", function, "main", "_start"))
            session.fork(shell.process, child)
            session.exec(child, function == "link" ? "/usr/bin/ld" : "/usr/bin/cc")
            session.exit(child)
        }
        session.exit(shell.process)
        session.exit(make.process)
        return (session, make, shell)
    }

    @Test func everyPartInItsOrder() throws {
        let (session, make, shell) = build()
        defer { withExtendedLifetime(shell) {} }
        func fold(_ parts: FramePart...) throws -> [String] { try session.fold(parts, root: make.process) }
        #expect(
            try fold(.ancestry, .callsite, .program) == [
                "make;_start;main;build;spawn;/bin/sh 1",
                "make;sh;_start;main;compile;vfork;/usr/bin/cc 2",
                "make;sh;_start;main;link;vfork;/usr/bin/ld 1",
            ])
        #expect(try fold(.program) == ["/bin/sh 1", "/usr/bin/cc 2", "/usr/bin/ld 1"])
        #expect(try fold(.program, .ancestry) == ["/bin/sh;make 1", "/usr/bin/cc;make;sh 2", "/usr/bin/ld;make;sh 1"])
        #expect(try fold(.ancestry) == ["make 1", "make;sh 3"])
        #expect(
            try fold(.callsite) == [
                "_start;main;build;spawn 1", "_start;main;compile;vfork 2", "_start;main;link;vfork 1",
            ])
        let totals = try session.withSession(root: make.process) { SessionSummary($0) }.totals
        #expect(totals.spawns == 4 && totals.executed == 4 && totals.execs == 4 && totals.unfinished == 0)
    }

    @Test func forkedAndFailedChildren() throws {
        var session = HandmadeSession()
        session.comm(10, "app")
        session.exec(10, "/bin/app")
        session.create(10, 11, flags: 0x11)
        session.exit(11)
        session.create(10, 12)
        session.attempt(12)
        session.attempt(12, errno: 13)
        session.exit(12)
        session.create(10, 13)
        session.attempt(13)
        session.exec(13, "/bin/true")
        session.exit(13)
        // Still there at the end.
        session.create(10, 14, flags: 0x11)
        #expect(try session.fold([.ancestry, .program]) == ["app;/bin/true 1", "app;[failed] 1", "app;[forked] 2"])
        let totals = try session.withSession(root: 10) { SessionSummary($0) }.totals
        #expect(totals.spawns == 4 && totals.failed == 1 && totals.forked == 2 && totals.unfinished == 1)
        #expect(totals.failedAttempts == 3)
    }

    /// An ancestor is called what it was called when it created the next one, not what it became.
    @Test func anAncestorsNameIsThatOfTheMoment() throws {
        var session = HandmadeSession()
        session.comm(10, "sh")
        session.exec(10, "/bin/sh")
        session.create(10, 11, flags: 0x11)
        session.exit(11)
        session.comm(10, "renamed")
        session.create(10, 12, flags: 0x11)
        session.exit(12)
        session.comm(10, "a;b\n\u{1b}")
        session.create(10, 13, flags: 0x11)
        #expect(
            try session.fold([.ancestry, .program]) == [
                "a:b\\u{a}\\u{1b};[forked] 1", "renamed;[forked] 1", "sh;[forked] 1",
            ])
    }

    @Test func otherProcessesOfTheMachineAreLeftOut() throws {
        var session = HandmadeSession()
        session.comm(5, "recorder")
        session.create(5, 10)
        session.exec(10, "/bin/app")
        session.comm(10, "app", isExec: true)
        session.comm(90, "cron")
        session.create(90, 91)
        session.exec(91, "/bin/job")
        session.create(91, 92)
        session.create(10, 11)
        session.exec(11, "/bin/true")
        session.attempt(90)
        session.exit(91)
        session.exit(11)
        #expect(try session.fold([.ancestry, .program]) == ["app;/bin/true 1"])
        #expect(try session.withSession(root: 10) { SessionSummary($0) }.totals.failedAttempts == 0)
    }

    /// A stack that ends before the function which starts a program or a thread is marked at that end.
    @Test func truncatedStacks() throws {
        let code = NamedCode(process: 2_147_000_030, "_start", "main", "clone3", "spawn")
        var session = HandmadeSession()
        session.comm(code.process, "app")
        session.exec(code.process, "/bin/app")
        session.map(code.process, "//anon", at: code.start)
        let stacks = [
            code.stack("spawn", "main"), code.stack("spawn", "_start"), code.stack("spawn", "clone3"),
            code.stack("clone3"), code.stack("_start"), code.stack("spawn", "main") + [0x99],
        ]
        for (index, stack) in stacks.enumerated() { session.create(code.process, Int32(40 + index), stack: stack) }
        #expect(
            try session.fold([.callsite], root: code.process) == [
                "[truncated];[unknown];main;spawn 1", "[truncated];clone3 1", "[truncated];main;spawn 1", "_start 1",
                "_start;spawn 1", "clone3;spawn 1",
            ])
        try session.withSession(root: code.process) { session in
            let fold = SpawnFold(session, SpawnFold.Options(parts: [.callsite], weight: .spawns))
            #expect(fold.notes.truncatedStacks == 3 && fold.notes.counted == 6)
        }
    }

    /// Lines add up to the spawns even where nothing is known of a stack.
    @Test func aCallSiteThatIsNotKnown() throws {
        var session = HandmadeSession()
        session.exec(10, "/bin/app")
        session.create(10, 11)
        #expect(try session.fold([.callsite]) == ["[unknown] 1"])
        #expect(try session.fold([.callsite, .program]) == ["[forked] 1"])
    }

    /// A thread is no spawn, and its spawns are its process's.
    @Test func severalThreadsSpawn() throws {
        var session = HandmadeSession()
        session.comm(10, "app")
        session.exec(10, "/bin/app")
        session.create(10, 20, flags: 0x3d0f00)
        session.fork(10, 10, thread: 20)
        session.create(10, 11, flags: 0x11, thread: 20)
        session.create(10, 12, flags: 0x11)
        #expect(try session.fold([.ancestry, .program]) == ["app;[forked] 2"])
    }

    // MARK: - Recordings of stock perf

    /// FORK records alone, as of `perf record -a`; those of processes that were there are perf's own.
    @Test func creationsByForkRecordsAlone() throws {
        var session = HandmadeSession(tracepoints: [])
        session.comm(1, "init")
        session.fork(1, 50, isExisting: true)
        session.fork(50, 50, thread: 51, isExisting: true)
        session.comm(50, "bash")
        session.fork(50, 60)
        session.comm(60, "cc1", isExec: true)
        session.fork(60, 60, thread: 61)
        session.taskExit(60)
        #expect(try session.fold([.ancestry, .program], root: nil) == ["bash;cc1 1"])
        session.taskExit(60, thread: 61)
        session.fork(50, 70)
        session.taskExit(70)
        #expect(try session.fold([.ancestry, .program], root: nil) == ["bash;[no exec] 1", "bash;cc1 1"])
        let totals = try session.withSession(root: nil) { SessionSummary($0) }.totals
        #expect(totals.spawns == 2 && totals.executed == 1 && totals.unfinished == 0)
    }

    /// A killed `perf record` leaves no formats: its tracepoints say nothing, and are no cpu samples either.
    @Test func tracepointsWithoutTheirFormats() throws {
        var session = HandmadeSession(hasFormats: false)
        session.comm(10, "app")
        session.fork(10, 11)
        session.create(10, 11, stack: [0x1234])
        #expect(try session.fold([.ancestry, .program], root: nil) == ["app;[no exec] 1"])
        #expect(try session.fold([.ancestry, .user], weight: .samples, root: nil).isEmpty)
    }

    @Test func lossesAreCounted() throws {
        var session = HandmadeSession()
        session.lost(7)
        session.lost(.max)
        #expect(try session.withSession(root: 10) { SessionSummary($0) }.lostEvents == 6)
        try session.withSession(root: 10) { session in
            let fold = SpawnFold(session, SpawnFold.Options(parts: [.program], weight: .spawns))
            #expect(fold.notes.lostEvents == 6)
        }
    }
}
