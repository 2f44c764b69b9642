import ByteAccess
import Glibc
import LinuxSystem
import Packing
import PerfData
import PerfRecords
import Session
import TestSupport
import Testing

/// Of the control groups that the recorder told, a packed session has those in which something of the workload ran.
@Suite struct PackedGroupsTests {
    private static func session() -> HandmadeSession {
        var session = HandmadeSession(hasGroups: true)
        for id in 1...9 { session.controlGroup(UInt64(id), Array("/unit\(id).service".utf8)) }
        session.comm(10, "root")
        session.exec(10, "/bin/root", group: 5)
        session.fork(10, 11)
        session.create(10, 11)
        // A stranger.
        session.exec(77, "/bin/other", group: 8)
        session.exec(11, "/bin/true", group: 3)
        session.exec(11, "/bin/true", group: 3)
        session.exit(11)
        session.exit(10)
        return session
    }

    private static func groups(keepsAll: Bool) throws -> [(id: UInt64, path: String, isBeforeItsSample: Bool)] {
        let directory = try WriterDirectory()
        let path = directory.path + "/packed.data"
        return try session().withSession(root: 10) { session in
            let descriptor = OwnedDescriptor(open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
            _ = try SessionPacker.pack(session, to: descriptor, path: path, keepsAll: keepsAll)
            let file = try PerfDataFile(path: path)
            var found: [(id: UInt64, path: String, isBeforeItsSample: Bool)] = []
            var met: Set<UInt64> = []
            file.forEachRecord { record, position in
                guard let decoded = try? Record.decode(record, layout: file.events[position.event].layout) else {
                    return
                }
                switch decoded.record {
                case .cgroup(let id, let range):
                    found.append((id, record.string(in: range), !met.contains(id)))
                case .sample(let sample): met.insert(sample.cgroup)
                default: break
                }
            }
            return found
        }
    }

    @Test func onlyThoseOfTheWorkload() throws {
        let groups = try Self.groups(keepsAll: false)
        #expect(groups.map(\.id) == [5, 3] && groups.map(\.path) == ["/unit5.service", "/unit3.service"])
        #expect(groups.allSatisfy { $0.isBeforeItsSample })
    }

    @Test func allOfThem() throws { #expect(try Self.groups(keepsAll: true).map(\.id) == Array(1...9)) }
}
