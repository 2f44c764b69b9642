import ByteAccess
import PerfData
import PerfRecords
import Session
import TestSupport
import Testing

@Suite struct PerfDataFileTests {
    @Test func eventsFeaturesAndRecordsAreRead() throws {
        var builder = FileBuilder.simple
        var description: [UInt8] = []
        description.store(UInt32(1))
        description.store(UInt32(EventAttributes.encodedSize))
        description += builder.attributes[0].attributes.encoded()
        description.store(UInt32(1))
        description += FileBuilder.string("cpu-clock:u")
        description.store(UInt64(1))
        var commandLine: [UInt8] = []
        commandLine.store(UInt32(2))
        commandLine += FileBuilder.string("perf") + FileBuilder.string("record")
        var buildID: [UInt8] = []
        buildID.store(UInt32(67))
        buildID.store(UInt16(1 << 15))
        buildID.store(UInt16(36 + 16))
        buildID.store(Int32(-1))
        buildID += (1...20).map { UInt8($0) } + [20, 0, 0, 0]
        buildID += Array("/bin/true".utf8) + [UInt8](repeating: 0, count: 7)
        builder.features = [
            (12, description), (3, FileBuilder.string("host")), (11, commandLine), (2, buildID),
            (200, Array(#"{"schema": "spawnscope.session/1", "root_pid": 9, "more": []}"#.utf8)),
        ]
        builder.comm("true", tid: 9, time: 5)
        builder.sample(tid: 9, time: 6)

        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.events.map(\.name) == ["cpu-clock:u"])
        #expect(file.description.hostname == "host")
        #expect(file.description.commandLine == ["perf", "record"])
        #expect(file.description.buildIDs == ["/bin/true": (1...20).map { UInt8($0) }])
        #expect(file.description.privateFeatures[Feature(rawValue: 200)]?.starts(with: "{\"schema\"".utf8) == true)
        #expect(file.times() == [5, 6])
        #expect(file.damage == nil)
    }

    @Test func whatIsNoPerfDataIsSaidToBe() {
        func problem(_ bytes: [UInt8]) -> PerfDataError? {
            let file = TemporaryFile(bytes)
            do throws(PerfDataError) {
                _ = try file.open()
                return nil
            } catch {
                return error
            }
        }
        if case .empty? = problem([]) {} else { Issue.record("an empty file") }
        if case .foreign? = problem(Array("hello, world, this is text".utf8)) {} else { Issue.record("a text") }
        if case .foreign? = problem(Array("PERFILE2".utf8)) {} else { Issue.record("a magic alone") }
        if case .bigEndian? = problem(Array("2ELIFREP".utf8) + [0, 0, 0, 0, 0, 0, 0, 104]) {
        } else {
            Issue.record("a swapped file")
        }
        if case .invalidHeader? = problem(Array(FileBuilder.simple.bytes()[..<60])) {
        } else {
            Issue.record("half a header")
        }
    }

    @Test func directoriesAndMissingFilesAreSaidToBe() {
        #expect(throws: PerfDataError.directory(path: "/tmp")) { try PerfDataFile(path: "/tmp") }
        #expect(throws: PerfDataError.unreadable(path: "/nonexistent/x", errno: 2)) {
            try PerfDataFile(path: "/nonexistent/x")
        }
        #expect(throws: PerfDataError.notRegular(path: "/dev/null")) { try PerfDataFile(path: "/dev/null") }
    }

    /// Cut anywhere: everything before the cut is read, and the damage is told.
    @Test func aFileCutAnywhereIsReadUpToThere() throws {
        var builder = FileBuilder.simple
        for time in 1...20 { builder.comm("name", tid: 3, time: UInt64(time)) }
        let bytes = builder.bytes()
        let start = bytes.count - builder.data.count
        let size = builder.data.count / 20
        for end in start..<bytes.count {
            let file = try TemporaryFile(Array(bytes[..<end])).open()
            #expect(file.times().count == (end - start) / size)
            if end > start { #expect(file.damage != nil) }
        }
    }

    @Test func aKilledRecordersFileIsReadToItsEnd() throws {
        var builder = FileBuilder.simple
        builder.comm("a", tid: 3, time: 1)
        builder.comm("b", tid: 3, time: 2)
        builder.features = [(3, FileBuilder.string("garbage"))]
        var bytes = builder.bytes()
        bytes.store(UInt64(0), at: 48)
        let file = try TemporaryFile(bytes).open()
        #expect(file.description.hostname == nil)
        #expect(file.times().prefix(2) == [1, 2])
        #expect(file.damage?.reason == .recorderDidNotFinish)
    }

    @Test func recordsOfUnknownEventsAreCountedAndLeftOut() throws {
        var builder = FileBuilder.simple
        var other = builder.attributes[0]
        other.ids = [2]
        builder.attributes.append(other)
        builder.sample(tid: 1, time: 1, id: 1)
        builder.sample(tid: 1, time: 2, id: 2)
        builder.sample(tid: 1, time: 3, id: 99)
        let file = try TemporaryFile(builder.bytes()).open()
        var events: [Int] = []
        file.forEachRecord { _, position in events.append(position.event) }
        #expect(events == [0, 1])
        #expect(file.unknownEventRecords == 1)
    }

    @Test func pipesGiveTheSameAsFiles() throws {
        var builder = FileBuilder.simple
        var attribute: [UInt8] = builder.attributes[0].attributes.encoded()
        attribute.store(UInt64(1))
        var update: [UInt8] = []
        update.store(UInt64(2))
        update.store(UInt64(1))
        update += Array("cycles:P".utf8) + [UInt8](repeating: 0, count: 8)
        builder.record(64, attribute)
        builder.record(78, update)
        builder.comm("x", tid: 4, time: 8)
        builder.sample(tid: 4, time: 9)
        var stream = Array("PERFILE2".utf8)
        stream.store(UInt64(16))
        let file = try TemporaryFile(stream + builder.data).open()
        #expect(file.isPipe)
        #expect(file.events.map(\.name) == ["cycles:P"])
        #expect(file.events.map(\.ids) == [[1]])
        #expect(file.times() == [8, 9])
    }

    @Test(arguments: [RandomSeed.ofThisRun])
    func mutatedFilesNeverTrap(seed: UInt64) throws {
        var builder = FileBuilder.simple
        builder.attributes[0].attributes.sampleType.insert(.callchain)
        builder.features = [
            (3, FileBuilder.string("host")), (1, [0x17, 0x08, 0x44]), (12, [1, 0, 0, 0, 128, 0, 0, 0]),
        ]
        for time in 1...30 {
            builder.comm("name", tid: 3, time: UInt64(time))
            if time % 10 == 0 { builder.finishRound() }
        }
        let original = builder.bytes()
        var generator = Xorshift(seed: seed)
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0...generator.next(below: 4) {
                bytes[generator.next(below: bytes.count)] = UInt8(generator.next(below: 256))
            }
            if generator.next(below: 4) == 0 { bytes.removeLast(generator.next(below: bytes.count)) }
            guard let file = try? TemporaryFile(bytes).open() else { continue }
            // Reading it through is the point; what it holds is anybody's guess.
            #expect(file.times().count <= bytes.count / 8)
        }
    }
}
