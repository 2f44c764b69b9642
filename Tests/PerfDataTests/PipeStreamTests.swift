import ByteAccess
import Glibc
import PerfData
import PerfRecords
import Testing

/// A session that goes through a pipe says the same as one in a file.
@Suite struct PipeStreamTests {
    private static let events: [SessionWriter.Event] = ["dummy", "sched:sched_switch"].enumerated().map { index, name in
        var attributes = EventAttributes()
        attributes.sampleType = [.identifier, .threadID, .time]
        attributes.flags = [.sampleIDAll]
        return SessionWriter.Event(
            name: name, attributes: attributes, ids: [UInt64(2 * index + 1), UInt64(2 * index + 2)])
    }

    /// COMM of pid 5, its time the trailer's.
    private func comm(at time: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(3))
        bytes.store(UInt16(0))
        bytes.store(UInt16(8 + 8 + 8 + 24))
        for number in [Int32(5), 5] { bytes.store(number) }
        bytes += Array("command\0".utf8)
        for number in [Int32(5), 5] { bytes.store(number) }
        bytes.store(time)
        bytes.store(UInt64(3))
        return bytes
    }

    private func streamed(
        _ records: [UInt8], starting: [SessionWriter.Feature], ending: [SessionWriter.Feature]?
    ) throws -> PerfDataFile {
        let stream = try PipeStream()
        var writer = try SessionWriter(path: stream.path, events: Self.events, features: starting)
        try writer.append(records)
        try writer.finish(features: ending ?? [])
        let file = TemporaryFile([])
        let number = open(file.path, O_WRONLY | O_CLOEXEC)
        defer { close(number) }
        let count = try stream.send(to: number)
        let result = try file.open()
        #expect(UInt64(result.size) == count)
        return result
    }

    /// A byte more or less than the room of a record, and many records.
    @Test(arguments: [20, 64_999, 65_000, 65_001, 300_000])
    func everythingArrives(metadataSize: Int) throws {
        let metadata =
            Array("{\"schema\": \"spawnscope.session/1\", \"root_pid\": 5}".utf8)
            + [UInt8](repeating: UInt8(ascii: " "), count: metadataSize)
        let file = try streamed(
            comm(at: 7) + comm(at: 9),
            starting: [
                SessionWriter.Feature(3, FeatureEncoding.string("host")),
                SessionWriter.Feature(12, FeatureEncoding.eventDescription(Self.events)),
                SessionWriter.Feature(200, Array("early".utf8)),
            ],
            ending: [
                SessionWriter.Feature(
                    2, FeatureEncoding.buildIDs([.init(path: Array("/bin/x".utf8), buildID: Array(1...20))])),
                SessionWriter.Feature(200, metadata),
            ])
        #expect(file.isPipe && file.damage == nil)
        #expect(file.events.map(\.name) == Self.events.map(\.name) && file.events.map(\.ids) == Self.events.map(\.ids))
        #expect(file.events.map(\.attributes) == Self.events.map(\.attributes))
        #expect(
            file.description.hostname == "host"
                && file.description.privateFeatures[Feature(rawValue: 200)]?.prefix { $0 != 0 } == metadata[...])
        #expect(file.description.buildIDs == ["/bin/x": Array(1...20)])
        #expect(file.times() == [7, 9] && file.damage == nil && file.unknownEventRecords == 0)
    }

    @Test func aReaderThatIsGone() throws {
        let stream = try PipeStream()
        let writer = try SessionWriter(path: stream.path, events: Self.events, features: [])
        try writer.finish(features: [])
        #expect(throws: SessionWriteError.system(operation: "write to", path: "standard output", code: EBADF)) {
            _ = try stream.send(to: -1)
        }
        #expect(
            throws: SessionWriteError.system(operation: "write to", path: "standard output", code: ENOSPC)
        ) {
            let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
            defer { close(full) }
            _ = try stream.send(to: full)
        }
    }
}
