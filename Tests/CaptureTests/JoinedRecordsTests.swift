import ByteAccess
@testable import Capture
import PerfData
import PerfRecords
import Session
import TestSupport
import Testing

/// perf.data records from records of the programs' ring, laid out by hand as joined.bpf.h has them.
@Suite struct JoinedRecordsTests {
    private static let identifiers = JoinedEvent.allCases.map { UInt64(100 + $0.rawValue) }

    private static func head(
        _ kind: UInt32, pid: Int32 = 8, tid: Int32 = 9, time: UInt64 = 1000, ran: UInt64 = 0, comm: String = ""
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in [kind, 3] { bytes.store(word) }
        for number in [pid, tid] { bytes.store(number) }
        bytes.store(time)
        bytes += Array(comm.utf8) + [UInt8](repeating: 0, count: 16 - comm.utf8.count)
        bytes.store(ran)
        return bytes
    }

    private static func made(_ records: [[UInt8]]) -> JoinedRecords {
        var made = JoinedRecords(identifiers: identifiers, sideband: 7, pageSize: 4096)
        for record in records { made.add(record.span.bytes) }
        return made
    }

    /// The layout of an event's records as `JoinedSource` plans them.
    private static func layout(_ event: JoinedEvent) throws -> RecordLayout {
        let features = KernelFeatures(lostCounts: true)
        let format = try #require(
            TracepointDescription(system: JoinedEvent.system, text: Array(event.format.utf8)))
        var attributes = EventPlan.tracepoint(format, features: features, wakeup: 4096)
        if event == .spawn {
            attributes.sampleType.insert(.callchain)
            StackDump(RecordingOptions(command: ["true"])).add(to: &attributes)
        }
        return RecordLayout(attributes)
    }

    /// Splits into records, and checks that each is as long as it says.
    private static func split(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let found = RecordHeader(decoding: bytes.span.bytes, at: start)
            let header = try #require(found)
            try #require(header.size >= 8 && header.size % 8 == 0 && start + header.size <= bytes.count)
            records.append(Array(bytes[start..<start + header.size]))
            start += header.size
        }
        return records
    }

    private static func decoded(_ record: [UInt8], _ layout: RecordLayout) throws -> Record.Decoded {
        let span = record.span.bytes
        return try Record.decode(span, layout: layout)
    }

    private static func sample(_ record: [UInt8], _ layout: RecordLayout) throws -> Sample {
        let span = record.span.bytes
        return try Sample(decoding: span, layout: layout)
    }

    private static func text(_ record: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: record[range].prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func spawn(stack: [UInt8], skipped: UInt32 = 0, outer: UInt32 = 0) -> [UInt8] {
        var bytes = head(1)
        for word in [900, 17, 4096, 8192] as [UInt64] { bytes.store(word) }
        bytes.store(Int32(77))
        bytes.store(UInt32(stack.count))
        bytes += Array("make".utf8) + [UInt8](repeating: 0, count: 12)
        bytes.store(UInt64(0x77))
        bytes.store(skipped)
        bytes.store(outer)
        for register in 0..<34 { bytes.store(UInt64(register)) }
        return bytes + stack + [UInt8](repeating: 0xee, count: 1024)
    }

    @Test(arguments: [0, 1, 8, 13, 1000]) func spawnHasRegistersAndTheUsedPartOfItsStack(size: Int) throws {
        let stack = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let records = try Self.split(Self.made([Self.spawn(stack: stack)]).bytes)
        #expect(records.count == 2)
        let layout = try Self.layout(.spawn)
        let sample = try Self.sample(records[0], layout)
        #expect((sample.pid, sample.tid, sample.time, sample.cpu) == (8, 9, 1000, 3))
        #expect(sample.identifier == 101)
        #expect(sample.callchain.isEmpty)
        #expect(sample.stackUser.usedSize == size)
        #expect(Array(records[0][sample.stackUser.bytes].prefix(size)) == stack)
        #expect(sample.raw.count >= JoinedEvent.spawn.size)
        if size > 0 {
            #expect(sample.registersUser.abi == 2)
            let values = stride(
                from: sample.registersUser.values.lowerBound, to: sample.registersUser.values.upperBound, by: 8
            )
            .map { records[0].load(UInt64.self, at: $0) }
            #if arch(x86_64)
                // ax, sp and ip of struct pt_regs.
                #expect(values[0] == 10 && values[7] == 19 && values[8] == 16)
            #endif
        }
        let fork = try Self.decoded(records[1], layout)
        guard case .fork(let task) = fork.record else { return #expect(Bool(false)) }
        #expect((task.pid, task.parentPID, task.tid, task.parentTID, task.time) == (77, 8, 77, 9, 1000))
        #expect(fork.identity.time == 1000 && fork.identity.identifier == 7)
    }

    /// What does not fit into a record stands before it, in pieces that follow one another in memory.
    @Test(arguments: [61_440, 61_441, 122_881, 200_000]) func longStacksComeInPieces(size: Int) throws {
        let stack = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let records = try Self.split(Self.made([Self.spawn(stack: stack)]).bytes)
        let pieces = (size - 1) / 61_440
        #expect(records.count == pieces + 2)
        let spawn = try Self.sample(records[pieces], Self.layout(.spawn))
        #expect(spawn.identifier == 101 && spawn.stackUser.usedSize == 61_440)
        var whole = Array(records[pieces][spawn.stackUser.bytes].prefix(spawn.stackUser.usedSize))
        let format = try #require(TracepointFormat(system: "spawnscope", text: JoinedEvent.stack.format))
        for record in records.prefix(pieces) {
            let sample = try Self.sample(record, Self.layout(.stack))
            #expect((sample.tid, sample.time, sample.identifier) == (9, 1000, 111))
            let span = record.span.bytes
            let address = format.field("address")?.place.integer(in: span, raw: sample.raw)
            // Register 19 of struct pt_regs is the stack pointer, and holds its number.
            #expect(address == Int64(19 + whole.count))
            let bytes = format.field("bytes")?.place.bytes(in: span, raw: sample.raw)
            whole += record[try #require(bytes)]
        }
        #expect(whole == stack)
    }

    /// Of a stack that is too long the outer part is a piece of its own, with its address.
    @Test func aLongStackHasBothItsEnds() throws {
        let stack = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let records = try Self.split(Self.made([Self.spawn(stack: stack, skipped: 100_000, outer: 1024)]).bytes)
        #expect(records.count == 3)
        let spawn = try Self.sample(records[1], Self.layout(.spawn))
        #expect(Array(records[1][spawn.stackUser.bytes].prefix(spawn.stackUser.usedSize)) == Array(stack.prefix(3072)))
        let format = try #require(TracepointFormat(system: "spawnscope", text: JoinedEvent.stack.format))
        let first = records[0]
        let piece = try Self.sample(first, Self.layout(.stack))
        let span = first.span.bytes
        let address = format.field("address")?.place.integer(in: span, raw: piece.raw)
        #expect(address == Int64(19 + 3072 + 100_000))
        let bytes = format.field("bytes")?.place.bytes(in: span, raw: piece.raw)
        #expect(Array(first[try #require(bytes)]) == Array(stack.suffix(1024)))
    }

    @Test func execHasItsCommAndTheNameOfItsFile() throws {
        var named = Self.head(15)
        named.store(UInt64(0xabc))
        for word in [3, 13, 0, 0] as [UInt32] { named.store(word) }
        named += Array("dash\0bin\0usr\0".utf8)
        var exec = Self.head(4, comm: "script")
        for word in [900, 10, 20, 5] as [UInt64] { exec.store(word) }
        exec.store(UInt32(1))
        exec.store(UInt32(9) << 16 | 88)
        exec += Array("script".utf8) + [UInt8](repeating: 0, count: 10)
        exec.store(UInt64(0xabc))
        exec.store(UInt64(0x1_0000_0077))
        exec += Array("./script\0".utf8)
        let records = try Self.split(Self.made([named, exec]).bytes)
        #expect(records.count == 2)
        let layout = try Self.layout(.exec)
        let comm = try Self.decoded(records[0], layout)
        guard case .comm(let name) = comm.record else { return #expect(Bool(false)) }
        #expect(comm.header.misc.isCommExec && name.pid == 8)
        #expect(Self.text(records[0], name.name) == "script")
        let raw = try Self.sample(records[1], layout).raw
        let format = try #require(TracepointFormat(system: "spawnscope", text: JoinedEvent.exec.format))
        func text(_ field: String) -> String? {
            let record = records[1]
            let span = record.span.bytes
            guard let range = format.field(field)?.place.text(in: span, raw: raw) else { return nil }
            return Self.text(record, range)
        }
        #expect(text("path") == "./script")
        #expect(text("file") == "/usr/bin/dash")
        #expect(text("comm") == "script")
        let record = records[1]
        let group = format.field("group")?.place.integer(in: record.span.bytes, raw: raw)
        #expect(group == 0x1_0000_0077)
    }

    /// Each control group is met once; the path of one that was made meanwhile is known.
    @Test func groupsAreMetOnce() {
        func exec(_ group: UInt64, time: UInt64) -> [UInt8] {
            var bytes = Self.head(4, time: time)
            for word in [0, 0, 0, 0] as [UInt64] { bytes.store(word) }
            bytes.store(UInt32(0))
            bytes.store(UInt32(2) << 16 | 88)
            bytes += [UInt8](repeating: 0, count: 16)
            bytes.store(UInt64(0))
            bytes.store(group)
            return bytes + [UInt8(ascii: "x"), 0]
        }
        func named(_ group: UInt64, _ path: String, size: UInt32? = nil) -> [UInt8] {
            var bytes = Self.head(16)
            bytes.store(group)
            bytes.store(size ?? UInt32(path.utf8.count + 1))
            bytes.store(UInt32(0))
            return bytes + Array(path.utf8) + [0]
        }
        var made = Self.made([
            exec(5, time: 10), exec(0, time: 11), exec(5, time: 12), named(6, "/new"), exec(6, time: 13),
            exec(5, time: 14), named(7, "/cut", size: 1024), exec(7, time: 15), Self.spawn(stack: []),
        ])
        let new = made.groups.takeNew()
        #expect(new.map(\.id) == [5, 6, 7, 0x77] && new.map(\.time) == [10, 13, 15, 1000])
        #expect(new.map { $0.path.map { String(decoding: $0, as: UTF8.self) } } == [nil, "/new", nil, nil])
        #expect(new.allSatisfy { $0.process == 8 } && made.groups.takeNew().isEmpty && !made.groups.isFull)
        for id in 0...UInt64(MetGroups.most) { made.add(exec(100 + id, time: 20).span.bytes) }
        #expect(made.groups.new.count == MetGroups.most - 4 && made.groups.isFull)
    }

    @Test func mappingsHaveTheNamesThatWereTold() throws {
        func mapped(file: UInt64, special: UInt32 = 0) -> [UInt8] {
            var bytes = Self.head(14)
            for word in [0x1000, 0x3000, 2, 5, 5] as [UInt64] { bytes.store(word) }
            bytes.store(UInt32(8 << 20 | 1))
            bytes.store(special)
            bytes.store(file)
            return bytes
        }
        var named = Self.head(15)
        named.store(UInt64(0xabc))
        for word in [1, 4, 1, 0] as [UInt32] { named.store(word) }
        named += Array("lib\0".utf8)
        let records = try Self.split(
            Self.made([named, mapped(file: 0xabc), mapped(file: 0), mapped(file: 0, special: 1)]).bytes)
        let paths = try records.map { record -> String in
            let decoded = try Self.decoded(record, Self.layout(.exec))
            guard case .mmap(let mapping) = decoded.record else { return "" }
            #expect((mapping.pid, mapping.start, mapping.length) == (8, 0x1000, 0x2000))
            #expect(mapping.version2?.protection == 5 && mapping.version2?.flags == 2)
            return Self.text(record, mapping.path)
        }
        #expect(paths == ["/lib (deleted)", "//anon", "[vdso]"])
    }

    /// Readers forget an ended thread's name some time after its EXIT record; one that came later would stay.
    @Test func anEndedProcessHasNoNameAnyMore() throws {
        var ended = Self.head(6, tid: 8, comm: "last")
        ended += [UInt8](repeating: 0, count: 32)
        var told = Self.head(8, tid: 8, comm: "last")
        told += [UInt8](repeating: 0, count: 8)
        let records = try Self.split(Self.made([ended, told]).bytes)
        let types = records.map { record in
            let span = record.span.bytes
            return span.load(UInt32.self, at: 0)
        }
        // COMM, SAMPLE, EXIT, SAMPLE.
        #expect(types == [3, 9, 4, 9])
    }

    /// A thread is told before its first sample, and each name that it has then.
    @Test func threadsHaveTheirNames() throws {
        func returned(_ comm: String, tid: Int32 = 9) -> [UInt8] { Self.head(5, tid: tid, comm: comm) }
        let records = try Self.split(
            Self.made([returned("one"), returned("one"), returned("two"), returned("main", tid: 8)]).bytes)
        let layout = try Self.layout(.execReturn)
        let told = try records.map { record -> String in
            let decoded = try Self.decoded(record, layout)
            switch decoded.record {
            case .fork(let task): return "thread \(task.tid) of \(task.pid), by \(task.parentTID)"
            case .comm(let comm): return "\(comm.tid) \(Self.text(record, comm.name)) \(decoded.header.misc.isCommExec)"
            default: return "sample"
            }
        }
        #expect(
            told == [
                "thread 9 of 8, by 8", "9 one false", "sample", "sample", "9 two false", "sample", "8 main false",
                "sample",
            ])
    }

    /// The ring is the kernel's, but nothing depends on that.
    @Test func anyBytesAreHarmless() throws {
        var random = Xorshift()
        for _ in 0..<2_000 {
            var record = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            record.store(UInt32.random(in: 0...16, using: &random), at: 0)
            _ = try Self.split(Self.made([record]).bytes)
        }
    }

    @Test func lossesAreTold() throws {
        var made = Self.made([])
        made.addLost(5, at: 77)
        let records = try Self.split(made.bytes)
        let decoded = try Self.decoded(records[0], Self.layout(.exec))
        guard case .lost(_, let count) = decoded.record else { return #expect(Bool(false)) }
        #expect(count == 5 && decoded.identity.time == 77)
    }
}
