import ByteAccess
import CCompression
@testable import PerfData
import PerfRecords
import Testing

@Suite struct CompressedDataTests {
    /// One zstd frame, cut into `pieces` at arbitrary places, as perf's flushed but never ended stream is.
    private static func compressed(_ data: [UInt8], pieces: Int) -> [[UInt8]] {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(data.count))
        let size = ZSTD_compress(&output, output.count, data, data.count, 1)
        let length = max(1, size / pieces)
        return stride(from: 0, to: size, by: length).map { Array(output[$0..<min($0 + length, size)]) }
    }

    private static func builder(_ pieces: [[UInt8]], version2: Bool) -> FileBuilder {
        var builder = FileBuilder.simple
        builder.features = [(27, [UInt8](repeating: 0, count: 20))]
        for piece in pieces {
            if version2 {
                var body: [UInt8] = []
                body.store(UInt64(piece.count))
                body += piece
                body.pad(to: 8)
                builder.record(83, body)
            } else {
                builder.record(81, piece)
            }
        }
        return builder
    }

    private static func records(_ count: Int) -> [UInt8] {
        var builder = FileBuilder.simple
        for time in 1...count { builder.comm("name\(time % 7)", tid: 3, time: UInt64(time)) }
        return builder.data
    }

    @Test(arguments: [1, 2, 3, 7, 40], [false, true])
    func recordsMayStraddleCompressedOnes(pieces: Int, version2: Bool) throws {
        let pieces = Self.compressed(Self.records(300), pieces: pieces)
        let file = try TemporaryFile(Self.builder(pieces, version2: version2).bytes()).open()
        #expect(file.times() == Array(1...300))
        #expect(file.damage == nil)
    }

    @Test func recordsBetweenCompressedOnesKeepTheirPlace() throws {
        var builder = FileBuilder.simple
        builder.features = [(27, [])]
        builder.comm("plain", tid: 3, time: 5000)
        for piece in Self.compressed(Self.records(10), pieces: 1) { builder.record(81, piece) }
        builder.comm("last", tid: 3, time: 5001)
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.times() == Array(1...10) + [5000, 5001])
    }

    /// simpleperf's compressed files have no feature that says so, and what it writes among the records is compressed with them.
    @Test(arguments: [1, 5])
    func withoutTheFeature(pieces: Int) throws {
        var records = FileBuilder.simple
        let symbols = Array("ffffffc000080000 T _text\n".utf8)
        var body: [UInt8] = []
        body.store(UInt32(symbols.count))
        body += symbols
        body.pad(to: 4)
        records.record(0, body)
        records.data.store(UInt32(32769), at: 0)
        records.comm("name", tid: 3, time: 7)
        var builder = FileBuilder.simple
        builder.features = [(129, Array("simpleperf_version\01\0".utf8))]
        for piece in Self.compressed(records.data, pieces: pieces) { builder.record(81, piece) }
        let file = try TemporaryFile(builder.bytes()).open()
        #expect(file.times() == [7] && file.damage == nil)
        #expect(file.description.simpleperf?.kernelSymbols == symbols)
    }

    @Test func whatPrecedesDamageIsUsed() throws {
        var pieces = Self.compressed(Self.records(5000), pieces: 4)
        pieces[2] = pieces[2].map { _ in 0xff }
        let file = try TemporaryFile(Self.builder(pieces, version2: false).bytes()).open()
        let times = file.times()
        #expect(times.count < 5000)
        #expect(times == Array(1..<UInt64(times.count + 1)))
        #expect(file.damage?.reason == .invalidCompression)
    }

    @Test func aBombIsNotUnpacked() throws {
        // 256 MiB of zeros in a few KiB.
        let zeros = [UInt8](repeating: 0, count: 256 << 20)
        let pieces = Self.compressed(zeros, pieces: 1)
        #expect(pieces.count == 1 && pieces[0].count < 60_000)
        let file = try TemporaryFile(Self.builder(pieces, version2: false).bytes()).open()
        #expect(file.times().isEmpty)
        #expect(file.damage != nil)
    }

    /// Each record unpacks to 1.5 MiB, which is no more than one may; all together are what the disk has no room for.
    @Test(arguments: [2, 700]) func manySmallBombs(count: Int) throws {
        var record: [UInt8] = []
        record.store(UInt32(9999))
        record.store(UInt16(0))
        record.store(UInt16(0xFFF8))
        record += [UInt8](repeating: 0, count: 0xFFF8 - record.count)
        let pieces = Self.compressed(Array(repeating: record, count: 24 * count).flatMap { $0 }, pieces: 1)
        // The stream in as many records as bombs, so that none is large.
        let stream = pieces[0]
        let size = max(1, stream.count / count)
        let torn = stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
        let file = try TemporaryFile(Self.builder(torn, version2: false).bytes()).open()
        #expect(file.dataSize <= InflatedData.most + InflatedData.mostForByte * stream.count)
        if count == 2 { #expect(file.damage == nil) } else { #expect(file.damage?.reason == .tooMuchCompressed) }
    }
}
