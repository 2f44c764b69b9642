import ByteAccess
@testable import Capture
import PerfData
import PerfRecords
import TestSupport
import Testing

/// Who of a lineage still lives, by records laid out as linux/perf_event.h has them.
@Suite struct LivingProcessesTests {
    private static let events: [SessionWriter.Event] = {
        var attributes = EventAttributes()
        attributes.sampleType = [.identifier, .threadID, .time, .cpu]
        attributes.flags = [.sampleIDAll]
        return [SessionWriter.Event(name: "dummy", attributes: attributes, ids: [1])]
    }()

    private func record(_ type: UInt32, _ time: UInt64, misc: UInt16 = 0, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(type)
        bytes.store(misc)
        bytes.store(UInt16(8 + body.count + 32))
        bytes += body
        for word in [0, time, 0, 1] { bytes.store(word) }
        return bytes
    }

    private func task(_ numbers: [Int32]) -> [UInt8] {
        var body: [UInt8] = []
        for number in numbers { body.store(number) }
        body.store(UInt64(0))
        return body
    }

    private func fork(_ child: Int32, of parent: Int32, at time: UInt64, misc: UInt16 = 0) -> [UInt8] {
        record(7, time, misc: misc, task([child, parent, child, parent]))
    }

    private func thread(_ thread: Int32, of process: Int32, at time: UInt64) -> [UInt8] {
        record(7, time, task([process, process, thread, process]))
    }

    private func exit(_ process: Int32, _ thread: Int32? = nil, at time: UInt64) -> [UInt8] {
        record(4, time, task([process, 1, thread ?? process, 1]))
    }

    private func exec(_ process: Int32, at time: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        body.store(process)
        body.store(process)
        body += Array("true\0\0\0\0".utf8)
        return record(3, time, misc: 1 << 13, body)
    }

    /// Each element is written and then read, up to the time that stands beside it.
    private func living(_ pieces: [(records: [[UInt8]], time: UInt64)], roots: [Int32] = [10]) throws -> [Int32] {
        let directory = try WriterDirectory()
        var writer = try SessionWriter(path: directory.path + "/s.data", events: Self.events, features: [])
        var living = LivingProcesses(roots: roots)
        for piece in pieces {
            try writer.append(piece.records.flatMap { $0 })
            living.read(writer, upTo: piece.time)
        }
        return living.processes
    }

    @Test func descendantsLiveUntilTheirExit() throws {
        let records = [
            fork(11, of: 10, at: 1), fork(12, of: 11, at: 2), fork(90, of: 89, at: 3), exit(11, at: 4), exit(10, at: 5),
        ]
        #expect(try living([(records, 9)]) == [12])
        #expect(try living([(records + [exit(12, at: 6)], 9)]) == [])
        #expect(try living([]) == [10])
    }

    /// The kernel said that a process had ended before the record of its last child was read.
    @Test func childrenOfOneThatHasJustEndedAreFound() throws {
        let directory = try WriterDirectory()
        var writer = try SessionWriter(path: directory.path + "/s.data", events: Self.events, features: [])
        var living = LivingProcesses(roots: [10])
        try writer.append(fork(11, of: 10, at: 1))
        living.read(writer, upTo: 5)
        living.remove(10)
        living.remove(11)
        #expect(living.processes == [])
        try writer.append(fork(12, of: 11, at: 6) + exit(11, at: 7))
        living.read(writer, upTo: 9)
        #expect(living.processes == [12])
        // By now all that it did has been read: its pid means nothing any more.
        try writer.append(fork(13, of: 11, at: 10))
        living.read(writer, upTo: 11)
        #expect(living.processes == [12])
    }

    @Test func fileOrderIsNotTimeOrder() throws {
        #expect(try living([([exit(11, at: 4), fork(12, of: 11, at: 3), fork(11, of: 10, at: 2)], 9)]) == [10, 12])
        // What is later than everything known to be there waits for what a ring still holds.
        #expect(
            try living([([exit(11, at: 8)], 5), ([fork(12, of: 11, at: 7), fork(11, of: 10, at: 6)], 9)]) == [10, 12])
    }

    @Test func roundsSettleWhatIsBeforeThem() throws {
        let round = SyntheticRecords.finishedRound
        let first = [exit(11, at: 8), round, fork(11, of: 10, at: 7), fork(12, of: 11, at: 7), round]
        #expect(try living([(first + [exit(12, at: 20), round], 30)]) == [10])
        #expect(try living([(first, 5)]) == [10, 12])
    }

    @Test func aProcessEndsWithItsLastThread() throws {
        let start = [fork(11, of: 10, at: 1), thread(12, of: 11, at: 2), thread(13, of: 11, at: 3), exit(11, at: 4)]
        #expect(try living([(start, 9)]) == [10, 11])
        #expect(try living([(start + [exit(11, 12, at: 5)], 9)]) == [10, 11])
        #expect(try living([(start + [exit(11, 12, at: 5), exit(11, 13, at: 6)], 9)]) == [10])
    }

    /// The leader's EXIT is told before the exec, and the thread that asked never exits under its own id.
    @Test func anExecByAnotherThread() throws {
        let start = [fork(11, of: 10, at: 1), thread(12, of: 11, at: 2), exit(11, at: 3), exec(11, at: 4)]
        #expect(try living([(start, 9)]) == [10, 11])
        #expect(try living([(start + [exit(11, at: 5)], 9)]) == [10])
    }

    @Test func aPIDThatIsUsedAgain() throws {
        // Its EXIT was lost; now it is someone else's child.
        #expect(try living([([fork(11, of: 10, at: 1), fork(11, of: 80, at: 2)], 9)]) == [10])
    }

    @Test func rootsAreNotForgottenForBeingThereAlready() throws {
        #expect(try living([([fork(10, of: 1, at: 1, misc: 1 << 13)], 9)]) == [10])
    }

    @Test func recordsThatAreNotWhole() throws {
        #expect(try living([([record(7, 1, []), record(4, 1, task([])), record(3, 1, misc: 1 << 13, [])], 9)]) == [10])
    }
}
