import PerfData
import PerfRecords
import Testing

/// Payloads byte by byte, as tools/perf/util/header.c and trace-event-info.c lay them out.
@Suite struct FeatureWriterTests {
    @Test func strings() {
        #expect(FeatureEncoding.string("vm") == [64, 0, 0, 0] + Array("vm".utf8) + [UInt8](repeating: 0, count: 62))
        #expect(FeatureEncoding.string(String(repeating: "a", count: 64)).prefix(4) == [128, 0, 0, 0])
        let two = FeatureEncoding.strings(["a", "b"])
        #expect(two.count == 4 + 2 * 68 && two.prefix(4) == [2, 0, 0, 0] && two[8] == 0x61 && two[76] == 0x62)
    }

    @Test func numbers() {
        #expect(FeatureEncoding.cpuCount(available: 4, online: 2) == [4, 0, 0, 0, 2, 0, 0, 0])
        #expect(FeatureEncoding.sampleTime(first: 1, last: 2) == [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])
        #expect(FeatureEncoding.clockResolution(1) == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            FeatureEncoding.clockData(clockID: 1, wallClock: 3, clock: 4)
                == [1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func eventDescription() throws {
        var attributes = EventAttributes()
        attributes.config = 77
        let bytes = FeatureEncoding.eventDescription([
            SessionWriter.Event(name: "a:b", attributes: attributes, ids: [5, 6])
        ])
        #expect(bytes.count == 8 + 120 + 4 + 68 + 16)
        #expect(bytes.prefix(8) == [1, 0, 0, 0, 120, 0, 0, 0])
        #expect(bytes[16] == 77)
        #expect(bytes[128..<136] == [2, 0, 0, 0, 64, 0, 0, 0])
        #expect(Array(bytes[136..<140]) == Array("a:b\0".utf8))
        #expect(bytes.suffix(16) == [5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func buildIDs() {
        let long = [UInt8](1...30)
        let bytes = FeatureEncoding.buildIDs([
            .init(path: Array("[kernel.kallsyms]".utf8), buildID: [9, 8], isKernel: true),
            .init(path: Array("/x\u{ff}".utf8) + [0xff], buildID: long),
        ])
        let padding = [UInt8](repeating: 0, count: 18)
        // type 0, misc BUILD_ID_SIZE and the CPU mode, size, pid -1, 20 bytes, size
        let kernel: [UInt8] = [0, 0, 0, 0, 1, 0x80, 100, 0, 255, 255, 255, 255, 9, 8] + padding + [2, 0, 0, 0]
        let user: [UInt8] = [0, 0, 0, 0, 2, 0x80, 100, 0, 255, 255, 255, 255] + long.prefix(20) + [20, 0, 0, 0]
        #expect(bytes.count == 200)
        #expect(Array(bytes[..<36]) == kernel && Array(bytes[36..<54]) == Array("[kernel.kallsyms]\0".utf8))
        #expect(Array(bytes[100..<136]) == user && Array(bytes[136..<142]) == Array("/x\u{ff}".utf8) + [0xff, 0])
        #expect(bytes[142...].allSatisfy { $0 == 0 })
    }

    @Test func tracingData() {
        let data = TracingDataEncoding(
            headerPage: Array("PAGE".utf8), headerEvent: Array("EV".utf8), pageSize: 4096,
            events: [
                TracingDataEncoding.Event(system: "sched", format: Array("one".utf8)),
                TracingDataEncoding.Event(system: "task", format: Array("t".utf8)),
                TracingDataEncoding.Event(system: "sched", format: Array("two!".utf8)),
            ])
        func word(_ value: UInt8) -> [UInt8] { [value, 0, 0, 0] }
        func long(_ value: UInt8) -> [UInt8] { [value, 0, 0, 0, 0, 0, 0, 0] }
        var expected: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing0.6\0".utf8) + [0, 8, 0, 16, 0, 0]
        expected += Array("header_page\0".utf8) + long(4) + Array("PAGE".utf8)
        expected += Array("header_event\0".utf8) + long(2) + Array("EV".utf8)
        expected += word(0) + word(2)
        expected += Array("sched\0".utf8) + word(2) + long(3) + Array("one".utf8) + long(4) + Array("two!".utf8)
        expected += Array("task\0".utf8) + word(1) + long(1) + Array("t".utf8)
        expected += word(0) + word(0) + long(0)
        #expect(data.encoded() == expected)
    }

    @Test func syntheticRecords() {
        let records = SyntheticRecords(time: 9, identifier: 8)
        func long(_ value: UInt8) -> [UInt8] { [value, 0, 0, 0, 0, 0, 0, 0] }
        let comm = records.comm(pid: 7, name: Array("sh".utf8))
        // header, pid, tid, "sh" padded, then TID, TIME, CPU, IDENTIFIER
        #expect(
            comm == [3, 0, 0, 0, 0, 0, 56, 0, 7, 0, 0, 0, 7, 0, 0, 0] + Array("sh".utf8)
                + [UInt8](repeating: 0, count: 6)
                + [7, 0, 0, 0, 7, 0, 0, 0] + long(9) + long(0) + long(8))
        let map = records.kernelMap(name: "[k]_text", start: 1, length: 2, pageOffset: 3)
        #expect(map.count == 8 + 8 + 24 + 16 + 32)
        #expect(map.prefix(16) == [1, 0, 0, 0, 1, 0, 88, 0, 255, 255, 255, 255, 0, 0, 0, 0])
        #expect(SyntheticRecords.finishedRound == [68, 0, 0, 0, 0, 0, 8, 0])
    }
}
