import Analysis
import PerfData
import PerfRecords
import Profiles
import Reports
import Session
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

/// Reports of recordings and of hand-made sessions.
@Suite struct SpawnReportTests {
    private func report(_ session: HandmadeSession, root: Int32? = 10) throws -> Report {
        try session.withSession(root: root) { SpawnReport($0).report }
    }

    /// `spawner.c`: four from `build`, one of which starts a fifth; one of a program that is not there, one fork.
    @Test func aRecordedSession() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("session").bytes)
        let file = try PerfDataFile(path: memory.path)
        let session = try Session(file)
        var listed: [Spawn] = []
        let walked = SpawnReport(session) { reported in
            #expect(reported.callSite.spawns > 0)
            listed.append(reported.spawn)
            return true
        }
        let (facts, spawns) = (walked.report.facts, walked.report.spawns)
        #expect(walked.hasSpawnEvents && walked.undecodedRecords == 0)
        #expect(facts.command == ["./spawner"] && facts.machine == "x86_64" && facts.toolVersion == "0.1.0")
        // Two of its 80 samples are of the recorder.
        #expect(facts.events == 78 && facts.lost == 0 && !facts.isCut && facts.duration ?? 0 > 1_000_000)
        #expect(facts.coverage.missing.isEmpty)
        #expect(spawns.totals.spawns == 7 && spawns.totals.complete == 7 && listed.count == 7)
        #expect(spawns.methods == [.vfork: 6, .fork: 1])
        #expect(spawns.programs.map(\.path) == ["/tmp/demo/spawner"] && spawns.programs[0].spawns == 5)
        #expect(spawns.callSites.reduce(0) { $0 + $1.spawns } == 7)
        let failed = try #require(listed.first { $0.outcome == .failed })
        #expect(failed.failedAttempts == 1 && spawns.failures.map(\.key.errno) == [2])
        // Contiguous phases: they add up to each spawn's total.
        for spawn in listed {
            let sum = Phase.allCases.reduce(0) { $0 + (spawn.phases[$1] ?? 0) }
            #expect(sum == spawn.total)
        }
    }

    /// A program that stops listening is not told more.
    @Test func listingEndsWhenNobodyListens() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("session").bytes)
        let file = try PerfDataFile(path: memory.path)
        var listed = 0
        let walked = SpawnReport(try Session(file)) { _ in
            listed += 1
            return listed < 3
        }
        #expect(listed == 3 && walked.report.spawns.totals.spawns == 7)
    }

    @Test(arguments: ["single", "several", "pipe", "tracepoint"])
    func recordingsWithoutSpawns(name: String) throws {
        let memory = try MemoryFile()
        try memory.write(try Recording(name).bytes)
        let walked = SpawnReport(try Session(PerfDataFile(path: memory.path)))
        #expect(!walked.hasSpawnEvents && walked.report.spawns.totals.spawns == 0)
    }

    /// What a recording of perf's sched events has, and what it has not.
    @Test func halfOfTheEvents() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("spawns").bytes)
        let walked = SpawnReport(try Session(PerfDataFile(path: memory.path)))
        let spawns = walked.report.spawns
        #expect(walked.hasSpawnEvents && spawns.totals.spawns == 7 && spawns.totals.complete == 0)
        #expect(walked.report.facts.coverage == [.creations, .callSites, .execs])
        #expect(walked.report.facts.command == ["./spawner"])
        #expect(Phase.allCases.allSatisfy { spawns.phases[$0].count == 0 })
        #expect(spawns.callSites.allSatisfy { $0.spawns > 0 })
    }

    @Test func creationsByForkRecordsAlone() throws {
        var session = HandmadeSession(tracepoints: [])
        session.comm(50, "bash")
        session.fork(50, 60)
        session.comm(60, "cc1", isExec: true)
        session.taskExit(60)
        try session.withSession(root: nil) { session in
            let walked = SpawnReport(session)
            #expect(walked.hasSpawnEvents && walked.report.facts.coverage == .creations)
            #expect(walked.report.spawns.programs.map(\.path) == ["cc1"])
            #expect(walked.report.spawns.callSites.map(\.comm) == ["bash"])
            #expect(walked.report.spawns.methods.isEmpty)
        }
    }

    /// One stack in two programs is two call sites.
    @Test func callSitesAreKnownByTheirComm() throws {
        let code = NamedCode(process: 2_147_000_040, "_start", "main", "vfork")
        var session = HandmadeSession()
        session.comm(code.process, "make")
        session.exec(code.process, "/usr/bin/make")
        session.map(code.process, "//anon", at: code.start)
        for (index, comm) in ["make", "make", "renamed"].enumerated() {
            session.comm(code.process, comm)
            session.create(code.process, Int32(60 + index), stack: code.stack("vfork", "main", "_start"))
            session.exec(Int32(60 + index), "/bin/true")
            session.exit(Int32(60 + index))
        }
        let sites = try report(session, root: code.process).spawns.callSites
        #expect(sites.map(\.comm) == ["make", "renamed"] && sites.map(\.spawns) == [2, 1])
        #expect(sites.map(\.id) == [1, 2] && sites.allSatisfy { $0.stack == ["_start", "main", "vfork"] })
    }

    /// Each failed attempt once, at its spawn's call site; a root's own at none.
    @Test func failuresAddUpToTheTotals() throws {
        var session = HandmadeSession()
        session.exec(10, "/bin/app")
        session.attempt(10, errno: 13)
        session.create(10, 11)
        session.attempt(11)
        session.attempt(11)
        // Its return is lost: the next attempt, or the end, tells that it failed.
        session.attemptEntry(11)
        session.attempt(11)
        session.attemptEntry(11)
        session.exit(11)
        session.create(10, 12)
        session.attempt(12)
        let spawns = try report(session).spawns
        #expect(spawns.totals.failedAttempts == 7 && spawns.failures.values.reduce(0, +) == 7)
        #expect(
            spawns.failures == [
                SpawnAggregate.Failure(path: nil, errno: 13, callSite: nil): 1,
                SpawnAggregate.Failure(path: nil, errno: 2, callSite: 1): 4,
                SpawnAggregate.Failure(path: nil, errno: nil, callSite: 1): 2,
            ])
    }

    @Test func lossesAndDamageAreFacts() throws {
        var session = HandmadeSession()
        session.exec(10, "/bin/app")
        session.lost(7)
        session.create(10, 11)
        let facts = try report(session).facts
        #expect(facts.lost == 7)
        // The hand-made session has no end, as of a recorder that was killed.
        #expect(facts.isCut)
        #expect(facts.coverage.contains([.callSites, .attempts, .execs]) && !facts.coverage.contains(.waits))
    }

    @Test func everySelectionCountsOnlyItsOwn() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("session").bytes)
        let file = try PerfDataFile(path: memory.path)
        let session = try Session(file)
        func count(_ change: (inout SpawnSelection) -> Void) -> Int {
            var selection = SpawnSelection()
            change(&selection)
            return SpawnReport(session, selection: selection).report.spawns.totals.spawns
        }
        #expect(count { $0.outcome = .executed } == 5)
        #expect(count { $0.outcome = .failed } == 1)
        #expect(count { $0.program = Glob("spawner") } == 5)
        #expect(count { $0.program = Glob("other") } == 0)
        #expect(count { $0.to = 1 } + count { $0.from = 1 } == 7)
        #expect(count { $0.from = 1_000_000_000 } == 0)
    }
}
