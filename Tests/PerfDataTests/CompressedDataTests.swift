import ByteAccess
import CCompression
@testable import PerfData
import PerfRecords
import TestSupport
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

    /// As packed sessions are: each compressed record holds whole records, 40 of them.
    private static func packed(_ count: Int) throws -> FileBuilder {
        let records = Self.records(count)
        let size = records.count / count * 40
        guard var compressor = RecordCompressor() else { throw ZstandardError.outOfMemory }
        var builder = Self.builder([], version2: false)
        for start in stride(from: 0, to: records.count, by: size) {
            let isDone = compressor.compress(
                Array(records[start..<min(start + size, records.count)]), to: &builder.data)
            #expect(isDone)
        }
        return builder
    }

    /// Records that are cut off where the file is: what precedes the cut is there, as it was.
    @Test func whereverTheFileIsCut() throws {
        let whole = try Self.packed(400)
        let start = whole.bytes().count - whole.data.count - 36
        var found: Set<Int> = []
        for length in Array(stride(from: 0, to: whole.data.count, by: 5)) + [whole.data.count] {
            let file = try TemporaryFile(Array(whole.bytes()[..<(start + length)])).open()
            let times = file.times()
            #expect(times == (times.isEmpty ? [] : Array(1...UInt64(times.count))))
            #expect(file.damage != nil)
            found.insert(times.count)
        }
        #expect(found == Set((0...10).map { $0 * 40 }))
    }

    /// The section of the feature is gone, its bit is in the header.
    @Test func whereItsFeatureIsCutOff() throws {
        var builder = Self.builder(Self.compressed(Self.records(50), pieces: 2), version2: false)
        // perf writes it, simpleperf does not, whose recordings are searched for compressed records anyway.
        builder.features = [(5, FileBuilder.string("6.1")), (27, [UInt8](repeating: 0, count: 20))]
        let file = try TemporaryFile(Array(builder.bytes().dropLast(24))).open()
        #expect(file.times() == Array(1...50))
        #expect(file.damage?.reason == .truncatedFeatures)
    }

    /// A stream that ends in the midst of a record, and one in which a record says that it has less than a header.
    @Test func whatDoesNotAddUp() throws {
        let records = Self.records(300)
        let torn = Self.compressed(Array(records.dropLast(3)), pieces: 2)
        var file = try TemporaryFile(Self.builder(torn, version2: false).bytes()).open()
        #expect(file.times() == Array(1...299))
        #expect(file.damage?.reason == .invalidCompression)
        var small = records
        let record = records.count / 300
        small.store(UInt16(7), at: 200 * record + 6)
        file = try TemporaryFile(Self.builder(Self.compressed(small, pieces: 2), version2: false).bytes()).open()
        #expect(file.times() == Array(1...200))
        #expect(file.damage?.reason == .invalidCompression)
    }

    /// zstd's streams have no checksum here, so that a flipped bit may as well change what is in a record.
    @Test func flippedBits() throws {
        let whole = try Self.packed(400)
        let bytes = whole.bytes()
        let start = bytes.count - whole.data.count - 36
        var random = Xorshift(seed: RandomSeed.ofThisRun)
        var damaged = 0
        for _ in 0..<300 {
            var flipped = bytes
            flipped[start + random.next(below: whole.data.count)] ^= 1 << UInt8(random.next(below: 8))
            let file = try TemporaryFile(flipped).open()
            #expect(file.times().count <= 65_536 && file.dataSize <= InflatedData.most * 2)
            if file.damage != nil { damaged += 1 }
        }
        #expect(damaged > 30)
    }

    private static func fill(_ memory: inout InflatedMemory, upTo count: Int) -> Bool {
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        while memory.count < count { if !memory.append(piece.span.bytes) { return false } }
        return true
    }

    /// All recordings share what there is of memory; what does not fit goes to a file, and is the same.
    @Test func memoryIsShared() throws {
        var first = InflatedMemory()
        let hasHalf = Self.fill(&first, upTo: InflatedMemory.most / 2)
        var second = InflatedMemory()
        let hasMore = Self.fill(&second, upTo: InflatedMemory.most / 2 + 1 << 20)
        let (count, last) = second.withBytes { ($0.byteCount, $0.load(UInt8.self, at: $0.byteCount - 1)) }
        #expect(hasHalf && !hasMore && count == second.count && count > 1 << 20 && last == 7)
        let pieces = Self.compressed(Self.records(300), pieces: 3)
        let file = TemporaryFile(Self.builder(pieces, version2: false).bytes())
        #expect(try file.open().times() == Array(1...300))
        // What is given back is there again.
        second = InflatedMemory()
        let hasAll = Self.fill(&first, upTo: InflatedMemory.most)
        let hasTooMuch = first.append(([0] as [UInt8]).span.bytes)
        #expect(hasAll && !hasTooMuch)
        first = InflatedMemory()
        #expect(try file.open().times() == Array(1...300))
    }
}
