import Analysis
import PerfData
import PerfRecords
import Profiles
import Reports
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

/// What an exec by descriptor executed is known by its first mapping.
@Suite struct ExecutedFileTests {
    private func spawns(_ session: HandmadeSession) throws -> [Spawn] {
        try session.withSession(root: 10) { session in
            var listed: [Spawn] = []
            _ = SpawnReport(session) { reported in
                listed.append(reported.spawn)
                return true
            }
            return listed
        }
    }

    private func session(_ body: (inout HandmadeSession) -> Void) -> HandmadeSession {
        var session = HandmadeSession()
        session.comm(10, "starter")
        session.exec(10, "/bin/starter")
        session.create(10, 11)
        session.attemptEntry(11)
        body(&session)
        session.attemptReturn(11, errno: 0)
        session.exit(11)
        session.taskExit(11)
        return session
    }

    @Test(arguments: ["/dev/fd/3", "/dev/fd/7/true"]) func byDescriptor(path: String) throws {
        let session = session {
            $0.comm(11, "3", isExec: true)
            $0.map(11, "[stack]", at: 0x7fff_0000)
            $0.map(10, "/usr/lib/other.so", at: 0x50_0000)
            $0.map(11, "/usr/bin/true", at: 0x40_0000)
            $0.map(11, "/lib64/ld-linux-x86-64.so.2", at: 0x7f00_0000)
            $0.exec(11, path)
            $0.map(11, "/lib/libc.so.6", at: 0x7f10_0000)
        }
        let spawn = try #require(try spawns(session).first)
        #expect(spawn.images == [ProgramImage(path: path, file: "/usr/bin/true")])
        #expect(spawn.programs == ["/usr/bin/true"])
        let report = try session.withSession(root: 10) { SpawnReport($0).report }
        #expect(report.spawns.programs.map(\.path) == ["/usr/bin/true"])
    }

    /// A name that was passed stays what it is called.
    @Test func byName() throws {
        let session = session {
            $0.comm(11, "script", isExec: true)
            $0.map(11, "/usr/bin/dash", at: 0x40_0000)
            $0.exec(11, "./script")
            $0.attemptReturn(11, errno: 0)
            // Without a mapping before it: the one of the exec before is not its own.
            $0.comm(11, "4", isExec: true)
            $0.exec(11, "/dev/fd/4")
        }
        let spawn = try #require(try spawns(session).first)
        #expect(
            spawn.images == [
                ProgramImage(path: "./script", file: "/usr/bin/dash"), ProgramImage(path: "/dev/fd/4"),
            ])
        #expect(spawn.programs == ["./script", "/dev/fd/4"])
    }

    /// Where a COMM record is all that tells of an exec, its mappings come later.
    @Test func withoutExecEvents() throws {
        var session = HandmadeSession(tracepoints: [0, 2])
        session.comm(10, "starter")
        session.create(10, 11)
        for (comm, file) in [("3", "/usr/bin/true"), ("4", "/usr/bin/false")] {
            session.comm(11, comm, isExec: true)
            session.map(11, file, at: 0x40_0000)
        }
        session.exit(11)
        let spawn = try #require(try spawns(session).first)
        #expect(spawn.images == [ProgramImage(path: "3"), ProgramImage(path: "4")])
    }

    /// The summary, like the report, takes an exec to have succeeded once its program is mapped, though no return follows.
    @Test func summaryOfTheSame() throws {
        var session = HandmadeSession(tracepoints: [0, 2, 3]) { $0.flags.insert(.mmap) }
        session.comm(10, "starter")
        session.create(10, 11)
        for comm in ["true", "false"] {
            session.attemptEntry(11)
            session.comm(11, comm, isExec: true)
            session.map(11, "/usr/bin/" + comm, at: 0x40_0000)
        }
        session.exit(11)
        try session.withSession(root: 10) { session in
            let totals = SessionSummary(session).totals
            #expect(totals.execs == 2 && totals.failedAttempts == 0)
            #expect(totals == SpawnReport(session).report.spawns.totals)
        }
    }

    /// The kernel takes inherited events from a process that executes a program with other rights: it tells an end that is none.
    @Test func otherRights() throws {
        var session = HandmadeSession(tracepoints: []) { $0.flags.insert(.mmap) }
        session.comm(10, "sh")
        session.fork(10, 11)
        session.fork(11, 12)
        session.comm(11, "passwd", isExec: true)
        session.taskExit(11)
        session.taskExit(12)
        session.taskExit(10)
        try session.withSession(root: 10) { session in
            var spawns: [Int32: Spawn] = [:]
            let report = SpawnReport(session) { reported in
                spawns[reported.spawn.pid] = reported.spawn
                return true
            }.report
            let hidden = try #require(spawns[11])
            #expect(hidden.programs == ["passwd"] && hidden.unknown.contains(.afterExec))
            #expect(hidden.borders.ended == nil && !hidden.isUnfinished && !hidden.isOrphaned)
            // Its child has not outlived it as far as is known.
            #expect(spawns[12]?.isOrphaned == false)
            let totals = report.spawns.totals
            #expect(totals.spawns == 2 && totals.unfinished == 0 && totals.unknown.count(.afterExec, .rights) == 1)
            #expect(report.facts.unfollowed == 1)
        }
    }

    /// A run without a spawn: that it executed nothing else is known.
    @Test func nothingSpawned() throws {
        var session = HandmadeSession(tracepoints: []) { $0.flags.formUnion([.mmap, .task]) }
        session.comm(10, "starter")
        session.taskExit(10)
        let facts = try session.withSession(root: 10) { SpawnReport($0).report.facts }
        #expect(facts.coverage.isSuperset(of: [.creations, .execs]))
    }

    /// The command itself may be such a program.
    @Test func otherRightsOfTheRoot() throws {
        var session = HandmadeSession(tracepoints: []) { $0.flags.insert(.mmap) }
        session.comm(10, "starter")
        session.comm(10, "sudo", isExec: true)
        session.taskExit(10)
        try session.withSession(root: 10) { session in
            #expect(SpawnReport(session).report.facts.unfollowed == 1)
            #expect(SessionSummary(session).totals.unknown[.afterExec] == 1)
        }
    }

    /// A mount of one file that is attached nowhere has no path.
    @Test func withoutAPath() throws {
        let session = session {
            $0.comm(11, "3", isExec: true)
            $0.map(11, "/", at: 0x40_0000)
            $0.exec(11, "/dev/fd/3")
        }
        #expect(try spawns(session).first?.images == [ProgramImage(path: "/dev/fd/3")])
    }
}
