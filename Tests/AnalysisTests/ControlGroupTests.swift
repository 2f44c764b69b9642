import Analysis
import Folding
import PerfRecords
import Session
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

/// The containers and units of spawns, from samples with the ids of control groups and the records of their paths.
@Suite struct ControlGroupTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)

    /// A service (10) that runs three programs in a container, one in another unit, and one of which nothing is known.
    private static func session(_ body: (inout HandmadeSession) -> Void = { _ in }) -> HandmadeSession {
        var session = HandmadeSession(hasGroups: true)
        session.comm(10, "engine")
        session.controlGroup(5, Array("/system.slice/engine.service".utf8))
        session.exec(10, "/usr/bin/engine", group: 5)
        session.controlGroup(6, Array("/system.slice/docker-\(id).scope".utf8))
        session.controlGroup(7, Array("/batch/job".utf8))
        body(&session)
        for (child, group) in [(Int32(11), UInt64(6)), (12, 6), (13, 6), (14, 5), (15, 99), (16, 7)] {
            session.create(10, child)
            session.exec(child, "/bin/true", group: group)
            session.exit(child)
        }
        session.exit(10)
        return session
    }

    private static func reported(_ session: HandmadeSession) throws -> (report: Report, spawns: [ReportedSpawn]) {
        try session.withSession(root: 10) { session in
            var listed: [ReportedSpawn] = []
            let report = SpawnReport(session) { reported in
                listed.append(reported)
                return true
            }
            return (report.report, listed)
        }
    }

    @Test func everySpawnHasItsOwn() throws {
        let (report, spawns) = try Self.reported(Self.session())
        #expect(spawns.map { $0.group?.container } == [Self.id, Self.id, Self.id, nil, nil, nil])
        #expect(spawns.map { $0.group?.unit } == [nil, nil, nil, "engine.service", nil, nil])
        #expect(spawns.map { $0.group == nil } == [false, false, false, false, true, false])
        let rows = report.rankedGroups.map { "\($0.key.text) \($0.spawns)" }
        #expect(rows == ["container 0123456789ab 3", "/batch/job 1", "engine.service 1"])
    }

    /// What is longer than any path is no part of one, a record without a path names nothing, and the last one told holds.
    @Test func hostileRecords() throws {
        let session = Self.session { session in
            session.controlGroup(6, [UInt8](repeating: UInt8(ascii: "/"), count: 5000) + Array("/x.service".utf8))
            session.controlGroup(5, [0xff, 0x1b, 0x5b, 0x0a] + Array("/\u{202e};.service".utf8))
            session.controlGroup(7, [])
        }
        let (report, spawns) = try Self.reported(session)
        #expect(spawns.map { $0.group?.container } == [Self.id, Self.id, Self.id, nil, nil, nil])
        #expect(spawns[3].group?.unit == "\u{202e};.service" && spawns[5].group?.path == "/batch/job")
        #expect(report.rankedGroups.count == 3)
    }

    @Test func containersAndUnitsAreFrames() throws {
        var session = Self.session()
        session.comm(10, "engine")
        func fold(_ parts: FramePart...) throws -> [String] { try session.fold(parts, root: 10) }
        #expect(
            try fold(.container, .program) == [
                "0123456789ab;/bin/true 3", "[no container];/bin/true 2", "[unknown];/bin/true 1",
            ])
        #expect(try fold(.unit) == ["[no unit] 4", "[unknown] 1", "engine.service 1"])
    }

    /// perf's own recordings have no notes of ours.
    @Test func withoutMetadata() throws {
        let found = try Self.session().withSession(root: nil) { session in
            var found: [String?] = []
            _ = SpawnReport(session) { reported in
                found.append(reported.group?.container)
                return true
            }
            return found
        }
        #expect(found.filter { $0 == Self.id }.count == 3)
    }
}
