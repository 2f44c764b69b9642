import ByteAccess
import Glibc
import LinuxSystem
@testable import Packing
import PerfData
import PerfRecords
import TestSupport
import Testing

/// Compressed records hold what would have been written without them, in a way that perf and every reader here take.
@Suite struct PackedRecordsTests {
    private static let event: SessionWriter.Event = {
        var attributes = EventAttributes()
        attributes.type = EventAttributes.Kind.software
        attributes.sampleType = [.identifier, .threadID, .time]
        attributes.flags = [.sampleIDAll]
        return SessionWriter.Event(name: "dummy", attributes: attributes, ids: [1])
    }()

    /// A COMM record of `size` bytes, 8 at least 48; `filling` makes its name.
    private static func record(_ time: UInt64, size: Int, _ filling: (Int) -> UInt8) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(3))
        bytes.store(UInt16(0))
        bytes.store(UInt16(size))
        bytes.store(UInt64(5))
        bytes += (0..<size - 48).map(filling) + [UInt8](repeating: 0, count: 8)
        bytes.store(UInt64(5))
        bytes.store(time)
        bytes.store(UInt64(1))
        return bytes
    }

    /// Writes the records, and returns the file's bytes.
    private static func file(
        _ records: [[UInt8]], compresses: Bool, in directory: WriterDirectory
    ) throws -> [UInt8] {
        let path = directory.path + "/s.data"
        let descriptor = OwnedDescriptor(open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
        let writer = try SessionWriter(to: descriptor, path: path, events: [event], features: [])
        let packed = try PackedRecords(writer, compresses: compresses)
        for (index, record) in records.enumerated() { packed.append(record.span.bytes, time: UInt64(index + 1)) }
        let size = try packed.finish(features: [])
        let bytes = try Compiler.bytes(path)
        #expect(size == UInt64(bytes.count))
        return bytes
    }

    private static func times(_ directory: WriterDirectory) throws -> [UInt64] {
        let file = try PerfDataFile(path: directory.path + "/s.data")
        var times: [UInt64] = []
        file.forEachRecord { _, position in times.append(position.time) }
        #expect(file.damage == nil)
        return times
    }

    /// Sizes from the smallest to the largest, contents that zstd makes nothing of among them.
    private static func mixed(_ count: Int) -> [[UInt8]] {
        var random = Xorshift(seed: 0x5eed)
        let sizes = [48, 56, 104, 480, 4096, 30_000, 65_024, 65_032, 65_528]
        return (1...count).map { time in
            let size = time % 9 == 0 ? sizes[random.next(below: sizes.count)] : 48 + 8 * random.next(below: 80)
            let isNoise = random.next(below: 3) == 0
            return record(UInt64(time), size: size) { index in
                isNoise ? UInt8(truncatingIfNeeded: random.next()) : UInt8(truncatingIfNeeded: index / 7)
            }
        }
    }

    @Test func theSameRecords() throws {
        let directory = try WriterDirectory()
        let records = Self.mixed(2000)
        let plain = try Self.file(records, compresses: false, in: directory)
        #expect(try Self.times(directory) == Array(1...2000))
        let compressed = try Self.file(records, compresses: true, in: directory)
        #expect(try Self.times(directory) == Array(1...2000))
        #expect(compressed.count < plain.count)
        let (before, after) = (try InflatedBytes.data(of: plain), try InflatedBytes.data(of: compressed))
        let inflated = try InflatedBytes.of(compressed)
        let grown = inflated.count - compressed.count
        #expect(inflated[after.lowerBound..<after.upperBound + grown].elementsEqual(plain[before]))
    }

    /// perf maps a buffer for each, aborts at one that holds nothing, and hangs at one that fills the buffer.
    @Test func eachCompressedRecord() throws {
        let directory = try WriterDirectory()
        let bytes = try Self.file(Self.mixed(2000), compresses: true, in: directory)
        var types: Set<UInt32> = []
        try InflatedBytes.forEachRecord(of: bytes) { type, record in
            types.insert(type)
            #expect(record.lowerBound.isMultiple(of: 8))
        }
        // One that is too large for a compressed record stands between them as it is.
        #expect(types == [3, 81])
        for contents in try InflatedBytes.contents(of: bytes) {
            #expect(contents.count <= RecordCompressor.largestPiece)
            #expect(contents.count < Int(RecordCompressor.largestContents))
            var offset = 0
            while offset < contents.count { offset += Int(contents[offset + 6]) | Int(contents[offset + 7]) << 8 }
            #expect(offset == contents.count, "a record is torn")
        }
        let feature = try #require(PerfDataFile(path: directory.path + "/s.data").featurePayloads().first)
        #expect(feature.feature == .compressed && feature.payload.count == 20)
        #expect(Array(feature.payload[..<12]) == [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
        #expect(Array(feature.payload[16...]) == [0, 0, 2, 0])
    }

    /// A session that repeats itself is no bomb: readers, which unpack 64 MiB and 64 bytes for each, take it all.
    @Test func whatRepeatsItselfIsRead() throws {
        let directory = try WriterDirectory()
        let count = 1700
        let records = (1...count).map { time in Self.record(UInt64(time), size: 60_000) { _ in 7 } }
        let bytes = try Self.file(records, compresses: true, in: directory)
        #expect(try Self.times(directory) == Array(1...UInt64(count)))
        let plain = count * 60_000
        #expect(plain > 64 << 20 && bytes.count > plain / 64 && bytes.count < plain / 50)
    }

    @Test func noRecords() throws {
        let directory = try WriterDirectory()
        let bytes = try Self.file([], compresses: true, in: directory)
        #expect(try PerfDataFile(path: directory.path + "/s.data").featurePayloads().isEmpty)
        #expect(try InflatedBytes.data(of: bytes).isEmpty)
    }

    @Test func aFullDisk() throws {
        let records = (1...400).map { time in
            var random = Xorshift(seed: UInt64(time))
            return Self.record(UInt64(time), size: 8000) { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        for compresses in [true, false] {
            #expect(throws: SessionWriteError.self) {
                let descriptor = OwnedDescriptor(open("/dev/full", O_RDWR | O_CLOEXEC))
                let writer = try SessionWriter(to: descriptor, path: "/dev/full", events: [Self.event], features: [])
                let packed = try PackedRecords(writer, compresses: compresses)
                for record in records { packed.append(record.span.bytes, time: 1) }
                _ = try packed.finish(features: [])
            }
        }
    }
}
