import ByteAccess
import PerfData
import PerfRecords
import Testing

/// Files as Android's simpleperf lays them out (system/extras/simpleperf/record.h and record_file_format.h), by hand.
@Suite struct SimpleperfTests {
    private static let format = """
        name: my_event
        ID: 77
        format:
        \tfield:int value;\toffset:8;\tsize:4;\tsigned:1;

        print fmt: ""

        """

    /// trace-cmd.dat(5), with one event.
    private static let tracingData: [UInt8] = {
        var bytes: [UInt8] = [0x17, 0x08, 0x44] + "tracing0.5\0".utf8 + [0, 8, 0, 16, 0, 0]
        for name in ["header_page", "header_event"] {
            bytes += Array(name.utf8) + [0]
            bytes.store(UInt64(4))
            bytes += "text".utf8
        }
        bytes.store(UInt32(0))
        bytes.store(UInt32(1))
        bytes += "mine\0".utf8
        bytes.store(UInt32(1))
        bytes.store(UInt64(format.utf8.count))
        bytes += format.utf8
        return bytes + [UInt8](repeating: 0, count: 8)
    }()

    /// A size, then so many bytes and padding to `alignment`.
    private static func sized(_ text: [UInt8], alignment: Int) -> [UInt8] {
        var padded = text
        padded.pad(to: alignment)
        var body: [UInt8] = []
        body.store(UInt32(text.count))
        return body + padded
    }

    /// A record of simpleperf's own: the size's upper half stands before the lower one.
    private static func record(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(type)
        bytes.store(UInt16((8 + body.count) >> 16))
        bytes.store(UInt16((8 + body.count) & 0xFFFF))
        return bytes + body
    }

    private static var tracepoint: FileBuilder {
        var builder = FileBuilder.simple
        builder.attributes[0].attributes.type = EventAttributes.Kind.tracepoint
        builder.attributes[0].attributes.config = 77
        return builder
    }

    /// A record's size counts its data: as a record of perf's type, as one of its own, longer than perf's may be, and in pieces.
    @Test(arguments: ["perf's type", "own type", "a long one", "pieces", "short pieces"])
    func formatsAmongTheRecords(way: String) throws {
        var builder = Self.tracepoint
        builder.comm("before", tid: 3, time: 1)
        let body = Self.sized(Self.tracingData, alignment: 64)
        switch way {
        case "perf's type": builder.record(66, body)
        case "own type": builder.data += Self.record(32777, body)
        case "a long one":
            builder.data += Self.record(32777, Self.sized(Self.tracingData, alignment: 1 << 17))
        default:
            let whole = Self.record(32777, body)
            let size = way == "pieces" ? 200 : 9
            for start in stride(from: 0, to: whole.count, by: size) {
                builder.data += Self.record(32772, Array(whole[start..<min(start + size, whole.count)]))
            }
            builder.data += Self.record(32773, [])
        }
        builder.sample(tid: 3, time: 2)
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.events.map(\.name) == ["mine:my_event"])
        #expect(file.tracepoints.map(\.id) == [77])
        #expect(file.times() == [1, 2])
        #expect(file.damage == nil)
        // It goes with the file where that is written anew.
        let payload = file.featurePayloads().first { $0.feature == .tracingData }
        #expect(payload?.payload == Self.tracingData)
    }

    /// In perf's streams the data stand behind their record, whose size is that of its fields, with or without padding.
    @Test(arguments: [12, 16])
    func formatsBehindTheRecordInAStream(size: UInt16) throws {
        var stream = Array("PERFILE2".utf8)
        stream.store(UInt64(16))
        let attributes = Self.tracepoint.attributes[0].attributes.encoded(size: 128)
        stream.store(UInt32(64))
        stream.store(UInt16(0))
        stream.store(UInt16(8 + attributes.count + 8))
        stream += attributes
        stream.store(UInt64(1))
        var data = Self.tracingData
        data.pad(to: 8)
        stream.store(UInt32(66))
        stream.store(UInt16(0))
        stream.store(size)
        stream.store(UInt32(data.count))
        if size == 16 { stream.store(UInt32(0)) }
        stream += data
        var records = FileBuilder.simple
        records.sample(tid: 3, time: 2)
        let file = try TemporaryFile(stream + records.data).open()
        #expect(file.events.map(\.name) == ["mine:my_event"])
        #expect(file.times() == [2])
    }

    /// Pieces that are none of a whole record do no harm.
    @Test func piecesWithoutAnEndAreLeftOut() throws {
        var builder = Self.tracepoint
        let whole = Self.record(32777, Self.sized(Self.tracingData, alignment: 64))
        builder.data += Self.record(32772, Array(whole[..<100]))
        builder.sample(tid: 3, time: 1)
        builder.data += Self.record(32772, Array(whole[100...]))
        builder.data += Self.record(32773, [])
        builder.data += Self.record(32773, [])
        builder.sample(tid: 3, time: 2)
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.events.map(\.name) == ["unknown tracepoint"])
        #expect(file.times() == [1, 2])
    }

    /// Events that were opened on CPUs which came up later.
    @Test func idsAmongTheRecords() throws {
        var builder = FileBuilder.simple
        builder.attributes.append((builder.attributes[0].attributes, [2]))
        var body: [UInt8] = []
        for word in [3, 0, 10, 1, 11, 9, 12] as [UInt64] { body.store(word) }
        builder.data += Self.record(32774, body)
        for id in [1, 2, 10, 11, 12] as [UInt64] { builder.sample(tid: 3, time: id, id: id) }
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.events.map(\.ids) == [[1, 10], [2, 11]])
        var events: [Int] = []
        file.forEachRecord { _, position in events.append(position.event) }
        #expect(events == [0, 1, 0, 1])
        #expect(file.unknownEventRecords == 1)
    }

    /// A count that lies.
    @Test func idsBehindTheirRecordAreNotRead() throws {
        var builder = FileBuilder.simple
        builder.attributes.append((builder.attributes[0].attributes, [2]))
        var body: [UInt8] = []
        for word in [UInt64.max, 0, 10] { body.store(word) }
        builder.data += Self.record(32774, body)
        builder.sample(tid: 3, time: 1, id: 10)
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.events.map(\.ids) == [[1, 10], [2]])
    }

    @Test func whatItSaysOfItself() throws {
        var builder = FileBuilder.simple
        for (type, config) in [(EventAttributes.Kind.tracepoint, 47), (EventAttributes.Kind.raw, 0x11), (8, 3)] {
            var attributes = builder.attributes[0].attributes
            attributes.type = type
            attributes.config = UInt64(config)
            builder.attributes.append((attributes, [UInt64(builder.attributes.count + 1)]))
        }
        let types = "cpu-clock,1,0\nsched:sched_switch,2,47\nraw-cpu-cycles,4,17\na,b,8,3\nbroken,x,1\nshort"
        let texts = [
            "timestamp", "1", "simpleperf_version", "1.build.7", "event_type_info", types, "kernel_version", "5.10",
        ]
        builder.features = [
            (129, Array(texts.joined(separator: "\0").utf8) + [0]), (128, [1, 2, 3]), (132, [4]),
        ]
        let symbols = Array("ffffffc000080000 T _text\n".utf8)
        builder.data += Self.record(32769, Self.sized(symbols, alignment: 8))
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.description.toolVersion == "simpleperf 1.build.7")
        #expect(file.description.osRelease == "5.10")
        // perf's names where it has any.
        #expect(file.events.map(\.name) == ["cpu-clock", "sched:sched_switch", "raw-cpu-cycles", "a,b"])
        #expect(file.events.map(\.recorderName) == ["cpu-clock", "sched:sched_switch", "raw-cpu-cycles", "a,b"])
        let notes = try #require(file.description.simpleperf)
        #expect(notes.files == [1, 2, 3] && notes.files2 == [4] && notes.kernelSymbols == symbols)
    }

    /// Which build IDs are the kernel's, their records say: another recorder wrote all of them as programs'.
    @Test func kernelPaths() throws {
        var builder = FileBuilder.simple
        var table: [UInt8] = []
        for (path, misc) in [("[kernel.kallsyms]", 1), ("/lib/modules/a.ko", 2), ("/lib/modules/b.ko", 1)] {
            var name = Array(path.utf8) + [0]
            name.pad(to: 64)
            table.store(UInt32(0))
            table.store(UInt16(misc))
            table.store(UInt16(36 + name.count))
            table.store(Int32(-1))
            table += [UInt8](repeating: 1, count: 24) + name
        }
        builder.features = [(2, table)]
        builder.sample(tid: 3, time: 1)
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.description.buildIDs.count == 3)
        #expect(file.description.kernelPaths == ["[kernel.kallsyms]", "/lib/modules/b.ko"])
    }

    /// What a record's header says of simpleperf's own types, and of no other.
    @Test func sizesOfOwnRecords() {
        func header(_ bytes: [UInt8]) -> RecordHeader? { RecordHeader(decoding: bytes.span.bytes) }
        let own = header(Self.record(32777, [UInt8](repeating: 0, count: 70_000)))
        #expect(own == RecordHeader(type: RecordType(rawValue: 32777), size: 70_008))
        var bytes = Self.record(9, [UInt8](repeating: 0, count: 70_000))
        #expect(header(bytes)?.size == 70_008 & 0xFFFF && header(bytes)?.misc == RecordMisc(rawValue: 1))
        bytes.store(UInt32(32767), at: 0)
        #expect(header(bytes)?.size == 70_008 & 0xFFFF)
        bytes.store(UInt32.max, at: 0)
        #expect(header(bytes)?.size == 70_008)
    }
}
