import ByteAccess
import PerfRecords
import Session
@testable import SpawnModel
import Testing

/// Failed attempts whose path the recorder's program told, just before their return.
@Suite struct FailedAttemptTests {
    private typealias Failure = FailureTable.Failure

    /// A tracker's scenario with a child, 2, of the root.
    private static func child() -> Scenario {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        return scenario
    }

    @Test func aFailureAndItsReturnAreOne() {
        var scenario = Self.child()
        for path in ["/a/x", "/b/x", "/a/x"] {
            scenario.attempt(2)
            scenario.on(2, .attemptFailed(path: path, errno: 2))
            scenario.on(2, .attemptEnded(result: -2))
        }
        scenario.attempt(2)
        scenario.exec(2)
        scenario.exit(2)
        let tracker = scenario.tracker
        #expect(tracker.totals.failedAttempts == 3 && scenario.spawns.map(\.failedAttempts) == [3])
        #expect(tracker.failures.counts == [Failure(path: "/a/x", errno: 2): 2, Failure(path: "/b/x", errno: 2): 1])
        #expect(tracker.failures.mostFrequent(1).map(\.path) == ["/a/x"])
    }

    @Test func eitherOfThemMayBeLost() {
        var scenario = Self.child()
        scenario.attempt(2, fails: 13)
        scenario.attempt(2)
        scenario.on(2, .attemptFailed(path: "/x", errno: 2))
        // The entry was lost, or a filter denied the call before it: it failed all the same.
        scenario.on(2, .attemptFailed(path: "/y", errno: 2))
        scenario.attempt(2)
        scenario.attempt(2)
        scenario.exit(2)
        #expect(scenario.tracker.totals.failedAttempts == 5)
        #expect(
            scenario.tracker.failures.counts == [
                Failure(errno: 13): 1, Failure(path: "/x", errno: 2): 1, Failure(path: "/y", errno: 2): 1, Failure(): 2,
            ])
    }

    @Test func threadsDoNotMix() {
        var scenario = Self.child()
        scenario.on(2, .attemptBegan(), thread: 2)
        scenario.on(2, .attemptBegan(), thread: 3)
        scenario.on(2, .attemptFailed(path: "/three", errno: 2), thread: 3)
        scenario.on(2, .attemptEnded(result: -2), thread: 3)
        scenario.on(2, .attemptEnded(result: -13), thread: 2)
        #expect(
            scenario.tracker.failures.counts == [Failure(path: "/three", errno: 2): 1, Failure(errno: 13): 1])
    }

    @Test func theSearchForTheCommandCountsNowhere() {
        var scenario = Scenario()
        scenario.attempt(1)
        scenario.on(1, .attemptFailed(path: "/x", errno: 2))
        scenario.on(1, .attemptEnded(result: -2))
        scenario.startRoot()
        // Another process of the machine.
        scenario.on(9, .attemptBegan())
        scenario.on(9, .attemptFailed(path: "/x", errno: 2))
        #expect(scenario.tracker.failures == FailureTable())
        #expect(scenario.tracker.totals.failedAttempts == 0)
    }

    @Test func whoWasReapedIsNoFailureAndNoEnd() {
        var scenario = Self.child()
        scenario.on(1, .reaped(child: 2))
        scenario.finish()
        #expect(scenario.tracker.totals.unfinished == 1 && scenario.tracker.totals.spawns == 1)
    }

    @Test func memoryIsBounded() {
        var table = FailureTable()
        for index in 0..<(FailureTable.limit + 100) { table.add(Failure(path: "/\(index)", errno: 2), 1) }
        table.add(Failure(path: "/0", errno: 2), 2)
        #expect(table.counts.count == FailureTable.limit && table.others == 100)
        #expect(table.counts.values.reduce(0, +) + table.others == FailureTable.limit + 102)
        #expect(table.mostFrequent(1).map(\.attempts) == [3])
    }

    @Test func orderOfEqualCountsIsByPathAndErrno() {
        var table = FailureTable()
        for failure in [Failure(path: "/b", errno: 2), Failure(path: "/a", errno: 13), Failure(path: "/a", errno: 2)] {
            table.add(failure, 1)
        }
        table.add(Failure(errno: 2), 9)
        #expect(table.mostFrequent(3).map { "\($0.path) \($0.errno)" } == ["/a 2", "/a 13", "/b 2"])
        #expect(ErrorName.of(2) == "ENOENT" && ErrorName.of(4000) == "errno 4000")
    }

    /// Where the program did not see every waitid, one that it tells nothing of may have reaped.
    @Test func anIncompleteOutputIsNoEvidence() {
        func tellsReaped(_ incomplete: Set<ProgramOutput>) -> Bool {
            LifecycleDecoder(tracepoints: [nil, nil], outputs: [.reaped, .failedExec], incomplete: incomplete)
                .evidence.tellsReaped
        }
        #expect(tellsReaped([]) && tellsReaped([.failedExec]) && !tellsReaped([.reaped]))
    }

    @Test func outputsAreDecodedByTheirEvent() {
        let decoder = LifecycleDecoder(tracepoints: [nil, nil, nil], outputs: [nil, .failedExec, .reaped])
        #expect(!decoder.isMeaningful(event: 0) && decoder.isMeaningful(event: 1) && decoder.isMeaningful(event: 2))
        var raw: [UInt8] = []
        for word in [Int32(-2), -100, 3] { raw.store(word) }
        raw += Array("/x".utf8) + [0, 0]
        var sample = RawSample(pid: 8, tid: 9, time: 7, raw: 0..<raw.count)
        let span = raw.span.bytes
        #expect(
            decoder.decode(sample, event: 1, in: span)
                == LifecycleEvent(.attemptFailed(path: "/x", errno: 2), process: 8, thread: 9, time: 7))
        #expect(decoder.decode(sample, event: 2, in: span)?.kind == .reaped(child: -2))
        sample.raw = 0..<8
        #expect(decoder.decode(sample, event: 1, in: span) == nil)
        #expect(decoder.decode(sample, event: 2, in: span) == nil)
    }
}
