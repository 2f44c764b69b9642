import ByteAccess
import PerfData
import PerfRecords
import Testing

/// Files made to take more memory or time than they have bytes.
@Suite struct HostileFileTests {
    private func error(_ bytes: [UInt8]) -> PerfDataError? {
        let file = TemporaryFile(bytes)
        do throws(PerfDataError) {
            _ = try file.open()
            return nil
        } catch {
            return error
        }
    }

    /// Each of the events says that the whole file is its ids.
    @Test func idsThatOverlap() {
        var builder = FileBuilder.simple
        builder.attributes = Array(repeating: builder.attributes[0], count: 2000)
        var bytes = builder.bytes()
        let entries = 104 + 2000 * 8
        for index in 0..<2000 {
            bytes.store(UInt64(0), at: entries + index * 144 + 128)
            bytes.store(UInt64(bytes.count), at: entries + index * 144 + 136)
        }
        guard case .invalidHeader(_, let offset, let reason) = error(bytes) else {
            Issue.record("was opened")
            return
        }
        #expect(offset == entries + 144 + 128 && reason == "the events' ids overlap")
    }

    @Test func moreEventsThanCanBeToldApart() {
        var builder = FileBuilder.simple
        builder.attributeSize = 64
        var bytes = builder.bytes()
        bytes.store(UInt64(65_537 * 80), at: 32)
        bytes += [UInt8](repeating: 0, count: 65_537 * 80)
        guard case .invalidHeader(_, 32, let reason) = error(bytes) else {
            Issue.record("was opened")
            return
        }
        #expect(reason == "there are 65537 events")
    }

    /// Ids that a fixed hash function puts into one slot, one after the other.
    @Test func idsThatCollide() throws {
        var builder = FileBuilder.simple
        let second = (builder.attributes[0].attributes, (1...30_000).map { UInt64($0) << 40 })
        builder.attributes.append(second)
        builder.sample(tid: 1, time: 5, id: 7 << 40)
        let file = try TemporaryFile(builder.bytes()).open()
        var events: [Int] = []
        file.forEachRecord { _, position in events.append(position.event) }
        #expect(events == [1])
    }

    @Test func countsThatTheirSectionCannotHold() throws {
        var builder = FileBuilder.simple
        var description: [UInt8] = []
        description.store(UInt32.max)
        description.store(UInt32(128))
        builder.features.append((12, description))
        var arguments: [UInt8] = []
        arguments.store(UInt32.max)
        builder.features.append((11, arguments))
        builder.features.append((2, [UInt8](repeating: 0xff, count: 40)))
        builder.features.append(
            (1, [0x17, 0x08, 0x44] + Array("tracing0.6\0".utf8) + [UInt8](repeating: 0xff, count: 64)))
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.description.commandLine == [] && file.tracepoints == [])
        #expect(file.events.map(\.name) == ["cpu-clock"])
    }
}
