import Analysis
import ByteAccess
import Folding
import PerfRecords
import SpawnModel
import TestSupport
import Testing

/// Sessions in which the recorder's program told the paths of failed attempts.
@Suite struct FailedAttemptPathTests {
    private static var outputAttributes: EventAttributes {
        var attributes = EventAttributes()
        attributes.type = EventAttributes.Kind.software
        attributes.config = EventAttributes.Software.bpfOutput
        attributes.sampleType = [.identifier, .instructionPointer, .threadID, .time, .raw]
        attributes.flags = [.sampleIDAll]
        return attributes
    }

    /// What stands behind the time of such a sample.
    private static func raw(_ words: [Int32], _ text: String = "") -> [UInt8] {
        var content: [UInt8] = []
        for word in words { content.store(word) }
        content += Array(text.utf8) + [0]
        while (content.count + 4) % 8 != 0 { content.append(0) }
        var bytes: [UInt8] = []
        bytes.store(UInt32(content.count))
        return bytes + content
    }

    private static func fail(_ session: inout HandmadeSession, _ pid: Int32, _ path: String) {
        let words: [Int32] = [-2, -100, Int32(path.utf8.count + 1)]
        session.sample(pid, stack: nil, fields: raw(words, path), id: 101)
    }

    private func session() -> HandmadeSession {
        var session = HandmadeSession()
        session.addEvent("spawnscope:failed_exec", id: 101, Self.outputAttributes)
        session.comm(10, "sh")
        session.exec(10, "/bin/sh")
        session.create(10, 11)
        session.attempt(11)
        session.exec(11, "/usr/bin/ls")
        session.exit(11)
        // Not of the workload.
        Self.fail(&session, 90, "/elsewhere")
        return session
    }

    @Test func aReturnThatWasToldAlreadyCountsOnce() throws {
        var session = session()
        session.create(10, 12)
        session.attemptEntry(12)
        Self.fail(&session, 12, "/opt/x\n;y")
        session.attemptReturn(12, errno: 2)
        session.exit(12)
        let summary = try session.summary()
        #expect(summary.totals.failedAttempts == 2 && summary.totals.failed == 1)
        #expect(
            summary.failures.counts == [
                FailureTable.Failure(path: "/opt/x\n;y", errno: 2): 1, FailureTable.Failure(errno: 2): 1,
            ])
        #expect(summary.undecodedRecords == 0)
        #expect(try session.fold([.program]) == ["/usr/bin/ls 1", "[failed] 1"])
        // A program's output is no sample of the program's execution.
        #expect(try session.fold([.program], weight: .samples) == [])
    }

    @Test func samplesThatAreNoSuchRecordSayNothing() throws {
        var session = session()
        session.create(10, 12)
        session.attemptEntry(12)
        for words: [Int32] in [[], [0, -100, 1], [-4096, -100, 1], [5, -100, 1], [.min, 0, .max]] {
            session.sample(12, stack: nil, fields: Self.raw(words), id: 101)
        }
        // The raw bytes say that they are more than the record has.
        session.sample(12, stack: nil, fields: [0xff, 0xff, 0, 0, 1, 2, 3, 4], id: 101)
        session.attemptReturn(12, errno: 13)
        session.exit(12)
        let summary = try session.summary()
        #expect(summary.totals.failedAttempts == 2)
        #expect(summary.failures.counts[FailureTable.Failure(errno: 13)] == 1)
    }
}
