import Glibc
import TestSupport
import Testing

@testable import LinuxSystem

/// By the built program, since a test runner has threads and cannot fork: what a worker may do is tried from inside of one by
/// `Tests/SpawnscopeTests/PrivilegedWorkerTests`; this is what its parent answers.
@Suite("The limits of a worker") struct WorkerLimitTests {
    @Test("count what lies on the disk, each file once") func holesCountForNothing() throws {
        let directory = ScratchDirectory()
        try directory.write("sparse", "x")
        #expect(truncate(directory.path + "/sparse", 1 << 40) == 0)
        let file = try FileAccess.open(.session(path: directory.path + "/sparse"))
        #expect(WorkerLimits.bytesOnDisk(file.number) <= 1 << 16)
    }

    @Test(
        "what was used is read from its place, whatever the name and the terminal are",
        arguments: [
            "12 (true) R 1 12 12 0 -1 4194304 100 0 0 0 250 31 7 8 20 0 1 0 99",
            "12 (a) R 1 2 (3) S 1 12 12 34816 12 4194304 100 0 0 0 250 31 7 8 20 0 1 0 99",
        ])
    func ticks(line: String) {
        #expect(WorkerUse.ticks(ofStat: Array(line.utf8)) == 281)
        #expect(WorkerUse.ticks(ofStat: Array("12 (true) R 1 12".utf8)) == nil)
        #expect(WorkerUse.ticks(ofStat: []) == nil)
    }
}
