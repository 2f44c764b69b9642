import ByteAccess
import Glibc
import PerfData
import PerfRecords
import TestSupport
import Testing

@Suite struct SessionWriterTests {
    private static let events = [
        SessionWriter.Event(name: "a", attributes: EventAttributes(), ids: [7, 8]),
        SessionWriter.Event(name: "b", attributes: EventAttributes(), ids: [9, 10]),
    ]
    private static let start = [
        SessionWriter.Feature(3, [1, 2, 3]), SessionWriter.Feature(200, Array("early".utf8)),
    ]

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes.span.bytes.load(UInt64.self, at: offset) ?? .max
    }

    private func features(_ bytes: [UInt8]) -> [Int: [UInt8]] {
        let table = Int(word(bytes, 40) + word(bytes, 48))
        var found: [Int: [UInt8]] = [:]
        for bit in 0..<256 where word(bytes, 72 + bit / 64 * 8) >> UInt64(bit % 64) & 1 == 1 {
            let entry = table + found.count * 16
            let start = Int(word(bytes, entry))
            found[bit] = Array(bytes[start..<start + Int(word(bytes, entry + 8))])
        }
        return found
    }

    /// What a recorder that is killed leaves: no data size, no bitmap, and everything else where the early table says.
    @Test func unfinished() throws {
        let directory = try WriterDirectory()
        let path = directory.path + "/s.data"
        var writer = try SessionWriter(path: path, events: Self.events, features: Self.start)
        try writer.append([UInt8](repeating: 0xaa, count: 16))
        let bytes = WriterDirectory.read(path)
        #expect(Array(bytes[..<8]) == Array("PERFILE2".utf8))
        #expect((0..<3).map { word(bytes, 8 + $0 * 8) } == [104, 136, 104])
        #expect(word(bytes, 32) == 272)
        #expect(word(bytes, 40) == 4096 && word(bytes, 48) == 0)
        #expect((0..<4).map { word(bytes, 72 + $0 * 8) } == [0, 0, 0, 0])
        // Each attr is followed by the place and size of its ids.
        #expect(word(bytes, 104 + 120) == 376 && word(bytes, 104 + 128) == 16)
        #expect(word(bytes, 240 + 120) == 392 && word(bytes, 240 + 128) == 16)
        #expect((0..<4).map { word(bytes, 376 + $0 * 8) } == [7, 8, 9, 10])
        #expect(Array(bytes[408..<416]) == Array("SPWNSCP1".utf8))
        #expect(word(bytes, 416) == 2)
        #expect((0..<6).map { word(bytes, 424 + $0 * 8) } == [3, 472, 3, 200, 480, 5])
        #expect(Array(bytes[472..<475]) == [1, 2, 3])
        #expect(Array(bytes[480..<485]) == Array("early".utf8))
        #expect(Array(bytes[4096...]) == [UInt8](repeating: 0xaa, count: 16))
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func finished() throws {
        let directory = try WriterDirectory()
        let path = directory.path + "/s.data"
        var writer = try SessionWriter(path: path, events: Self.events, features: Self.start)
        let pieces: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        try pieces.withUnsafeBytes {
            try writer.append(
                UnsafeRawBufferPointer(rebasing: $0[5...]), UnsafeRawBufferPointer(rebasing: $0[..<5]))
        }
        #expect(writer.dataSize == 8)
        try writer.finish(features: [
            SessionWriter.Feature(200, Array("final".utf8) + [33]), SessionWriter.Feature(21, [4]),
        ])
        let bytes = WriterDirectory.read(path)
        #expect(word(bytes, 48) == 8)
        #expect(Array(bytes[4096..<4104]) == [6, 7, 8, 1, 2, 3, 4, 5])
        #expect(features(bytes) == [3: [1, 2, 3], 21: [4], 200: Array("final!".utf8)])
    }

    @Test func anExistingSessionIsKept() throws {
        let directory = try WriterDirectory()
        let path = directory.path + "/s.data"
        for byte in [UInt8(1), 2] {
            var writer = try SessionWriter(path: path, events: Self.events, features: [])
            try writer.append([byte])
            #expect(writer.dataSize == 1)
        }
        #expect(WriterDirectory.read(path).last == 2)
        #expect(WriterDirectory.read(path + ".old").last == 1)
        let writer = try SessionWriter(path: path, events: Self.events, features: [])
        writer.discard()
        #expect(WriterDirectory.read(path).last == 2)
    }

    @Test func whatIsNoFileIsRefused() throws {
        let directory = try WriterDirectory()
        #expect(throws: SessionWriteError.isDirectory(path: directory.path)) {
            _ = try SessionWriter(path: directory.path, events: [], features: [])
        }
        let link = directory.path + "/link"
        #expect(mkfifo(link, 0o600) == 0)
        #expect(throws: SessionWriteError.notSeekable(path: link)) {
            _ = try SessionWriter(path: link, events: [], features: [])
        }
        let missing = directory.path + "/none/s.data"
        #expect(throws: SessionWriteError.system(operation: "create", path: missing, code: ENOENT)) {
            _ = try SessionWriter(path: missing, events: [], features: [])
        }
    }

    @Test func aDeviceIsNotWritten() {
        #expect(throws: SessionWriteError.notSeekable(path: "/dev/full")) {
            _ = try SessionWriter(path: "/dev/full", events: [], features: [])
        }
    }

    /// Kernels before 6.0 report losses in the data alone.
    @Test func lostRecordsAreSummed() throws {
        let directory = try WriterDirectory()
        var writer = try SessionWriter(path: directory.path + "/s.data", events: Self.events, features: Self.start)
        var records: [UInt8] = []
        for lost in [UInt64(5), 7] {
            // struct { header; u64 id; u64 lost; sample_id }
            records.store(UInt32(2))
            records.store(UInt32(0x38_0000))
            records.store(UInt64(1))
            records.store(lost)
            records += [UInt8](repeating: 0xff, count: 32)
            // Records of other types, enough of them that the file is read in several pieces.
            for _ in 0..<20 {
                records.store(UInt32(9))
                records.store(UInt32(0xfff8_0000))
                records += [UInt8](repeating: 2, count: 0xfff0)
            }
            // LOST_SAMPLES: struct { header; u64 lost; sample_id }
            records.store(UInt32(13))
            records.store(UInt32(0x30_0000))
            records.store(UInt64(100))
            records += [UInt8](repeating: 0xff, count: 32)
        }
        try writer.append(records)
        #expect(writer.scanLostRecords() == 212)
    }
}
