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
}
