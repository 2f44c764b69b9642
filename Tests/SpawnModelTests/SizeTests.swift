import ByteAccess
import PerfRecords
import Session
import SpawnModel
import Testing

/// Sizes that the recorder's programs told, each just before the event that it belongs to.
@Suite struct SizeTests {
    private static func image(_ arguments: UInt64, _ environment: UInt64) -> LifecycleEvent.Kind {
        .imageMeasured(ProgramOutput.ImageSizes(arguments: arguments, environment: environment))
    }
    private static func spawner(_ pageTables: UInt64, _ resident: UInt64?) -> LifecycleEvent.Kind {
        .spawnerMeasured(ProgramOutput.SpawnerSize(pageTables: pageTables, resident: resident))
    }

    /// A root that measured itself, and a child, which executes two programs in a row.
    @Test func theFirstExecAndTheSpawnerAtTheTime() {
        var scenario = Scenario()
        scenario.attempt(1)
        scenario.on(1, Self.image(1, 2))
        scenario.exec(1, "/usr/bin/program")
        scenario.on(1, Self.spawner(4096, 100_000))
        scenario.create(1, 2)
        scenario.create(1, 3)
        scenario.attempt(2)
        scenario.on(2, Self.image(10, 2000))
        scenario.exec(2)
        scenario.attempt(2)
        scenario.on(2, Self.image(77, 78))
        scenario.exec(2, "/bin/other")
        scenario.exit(2)
        scenario.exit(3)
        scenario.finish()
        let spawns = scenario.spawns.sorted { $0.pid < $1.pid }
        #expect(spawns.map(\.argumentBytes) == [10, nil] && spawns.map(\.environmentBytes) == [2000, nil])
        // What was told for one creation is not the next one's.
        #expect(spawns.map(\.spawnerPageTables) == [4096, nil] && spawns.map(\.spawnerResident) == [100_000, nil])
    }

    @Test func threadsMakeTheirOwnSpawns() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.on(1, .threadCreated(9))
        scenario.on(1, Self.spawner(4096, nil))
        scenario.on(1, Self.spawner(8192, 1), thread: 9)
        scenario.create(1, 2)
        scenario.on(1, .created(child: 3, cloneFlags: Scenario.vforkFlags), thread: 9)
        // Its pid is another thread's later.
        scenario.on(1, Self.spawner(1, 1), thread: 9)
        scenario.on(1, .threadExited(isGroupDead: false), thread: 9)
        scenario.on(1, .created(child: 4, cloneFlags: Scenario.vforkFlags), thread: 9)
        scenario.finish()
        let spawns = scenario.spawns.sorted { $0.pid < $1.pid }
        #expect(
            spawns.map(\.spawnerPageTables) == [4096, 8192, nil] && spawns.map(\.spawnerResident) == [nil, 1, nil])
    }

    @Test func othersSizesSayNothing() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.on(90, Self.image(1, 1))
        scenario.on(90, Self.spawner(1, 1))
        scenario.create(1, 90)
        scenario.attempt(90)
        scenario.exec(90)
        scenario.finish()
        #expect(scenario.spawns.map(\.environmentBytes) == [nil] && scenario.spawns.map(\.spawnerResident) == [nil])
    }

    @Test func outputsAreDecodedByTheirEvent() {
        let decoder = LifecycleDecoder(tracepoints: [nil, nil], outputs: [.imageSizes, .spawnerSize])
        var raw: [UInt8] = []
        for word in [UInt64(5), 7] { raw.store(word) }
        var sample = RawSample(pid: 8, tid: 9, time: 7, raw: 0..<16)
        let span = raw.span.bytes
        #expect(
            decoder.decode(sample, event: 0, in: span)
                == LifecycleEvent(Self.image(5, 7), process: 8, thread: 9, time: 7))
        #expect(decoder.decode(sample, event: 1, in: span)?.kind == Self.spawner(5, 7))
        sample.raw = 0..<12
        #expect(decoder.decode(sample, event: 0, in: span) == nil && decoder.decode(sample, event: 1, in: span) == nil)
    }
}
