import ByteAccess
import PerfRecords
import Testing

/// Records that are cut, that lie, or that nobody knows.
@Suite struct HostileRecordTests {
    private static let withTrailer = RecordLayout.of([.threadID, .time, .identifier], sampleIDAll: true)

    /// Type and bytes of the fields before any text or list: shorter than that is an error.
    @Test(
        arguments: zip(
            [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22] as [UInt32],
            [32, 16, 8, 24, 24, 24, 24, 16, 64, 24, 8, 8, 8, 16, 16, 16, 8, 12, 8, 16]))
    func theFixedPartIsRequired(type: UInt32, size: Int) throws {
        for count in 0...size {
            let record = RecordBytes(type: type).raw([UInt8](repeating: 0, count: count))
            for (layout, bytes) in [
                (RecordLayout.of(), record.bytes), (Self.withTrailer, record.u32(1, 2).u64(3, 4).bytes),
            ] {
                if count == size {
                    #expect(throws: Never.self) { try bytes.decoded(layout) }
                } else {
                    #expect(throws: RecordError.self, "\(count) of \(size) bytes") { try bytes.decoded(layout) }
                }
            }
        }
    }

    @Test(arguments: 0..<24)
    func shorterThanTheTrailer(count: Int) {
        for type in [1, 3, 14, 22, 23, 63] as [UInt32] {
            let bytes = RecordBytes(type: type).raw([UInt8](repeating: 0xff, count: count)).bytes
            #expect(throws: RecordError.self) { try bytes.decoded(Self.withTrailer) }
        }
    }

    @Test(arguments: 0..<8)
    func shorterThanTheHeader(count: Int) {
        let bytes = Array(RecordBytes(type: 14).bytes[..<count])
        #expect(throws: RecordError.truncated(offset: 0)) { try bytes.decoded(.of()) }
    }

    @Test func namesWithoutNULEndWithTheRecord() throws {
        for (head, type) in [(16, 3), (40, 1), (72, 10), (24, 17), (16, 19)] as [(Int, UInt32)] {
            let record = RecordBytes(type: type).raw([UInt8](repeating: 0, count: head - 8)).raw(Array("abcd".utf8))
            for (layout, bytes) in [
                (RecordLayout.of(), record.bytes), (Self.withTrailer, record.u32(1, 2).u64(3, 4).bytes),
            ] {
                let decoded = try bytes.decoded(layout)
                let name = try #require(ranges(of: decoded.record).first)
                #expect(name == head..<head + 4)
                #expect(bytes.span.bytes.string(in: name) == "abcd")
                #expect(bytes.span.bytes.stringLength(in: name) == 4)
            }
        }
    }

    @Test func anEmptyNameIsEmpty() throws {
        let bytes = RecordBytes(type: 3).u32(10, 11).u32(1, 2).u64(3, 4).bytes
        let decoded = try bytes.decoded(Self.withTrailer)
        #expect(describe(decoded.record, bytes) == "COMM pid=10 tid=11 name=")
        #expect(decoded.identity.pid == 1 && decoded.identity.identifier == 4)
    }

    /// Behind `build_id_size` and three reserved bytes stand 20, of which that many count and the others are 0.
    @Test(arguments: [1, 8, 16, 20])
    func mappingWithBuildID(size: Int) throws {
        let id = (1...20).map { $0 <= size ? UInt8($0) : 0 }
        let bytes = RecordBytes(type: 10, misc: 1 << 14).u32(10, 11).u64(0x1000, 0x2000, 0)
            .u8(UInt8(size), 0, 0, 0).raw(id).u32(5, 2).text("/x").bytes
        let decoded = try bytes.decoded(.of())
        #expect(
            describe(decoded.record, bytes) == "MMAP2 build ID \(Array(id[..<size])) protection=5 flags=2 "
                + "pid=10 tid=11 start=4096 length=8192 offset=0 path=/x")
    }

    /// The bit over a device and an inode: what the kernel writes while another session asks for build IDs.
    @Test(
        arguments: [
            (254, 0, 253_911, 7), (0, 0, 0, 0), (8, 1, 1 << 33, 0), (8, 1, 99, 7), (20 << 8, 1, 2, 3),
            (1 << 20 | 8, 0, 1, 0),
        ] as [(UInt32, UInt32, UInt64, UInt64)])
    func mappingWithTheBuildIDBitAlone(major: UInt32, minor: UInt32, inode: UInt64, generation: UInt64) throws {
        let bytes = RecordBytes(type: 10, misc: 1 << 14).u32(10, 11).u64(0x1000, 0x2000, 0)
            .u32(major, minor).u64(inode, generation).u32(5, 2).text("/x").bytes
        guard case .mmap(let mapping) = try bytes.decoded(.of()).record else { throw RecordError.truncated(offset: 0) }
        #expect(
            mapping.version2?.identity == .inode(major: major, minor: minor, inode: inode, generation: generation))
    }

    @Test func theBuildIDBitMeansNothingForTheFirstKindOfMapping() throws {
        let bytes = RecordBytes(type: 1, misc: 1 << 14).u32(10, 11).u64(1, 2, 3).text("/x").bytes
        let decoded = try bytes.decoded(.of())
        #expect(describe(decoded.record, bytes) == "MMAP pid=10 tid=11 start=1 length=2 offset=3 path=/x")
    }

    @Test func lengthsOfATextPokeThatLie() {
        for (old, new) in [(5, 0), (0, 5), (3, 2), (.max, .max), (.max, 0)] as [(UInt16, UInt16)] {
            let record = RecordBytes(type: 20).u64(1).u16(old, new).u8(1, 2, 3, 4)
            #expect(throws: RecordError.self) { try record.bytes.decoded(.of()) }
            #expect(throws: RecordError.self) {
                try record.u32(1, 2).u64(3, 4).bytes.decoded(Self.withTrailer)
            }
        }
    }

    @Test(arguments: SampleTruncationTests.hostileCounts)
    func countsOutsideTheRecord(count: UInt64) {
        let namespaces = RecordBytes(type: 16).u32(1, 2).u64(count).u64(1, 2)
        let callchain = RecordBytes(type: 22).u64(9, count).u64(1, 2)
        for record in [namespaces, callchain] {
            #expect(throws: RecordError.self) { try record.bytes.decoded(.of()) }
            #expect(throws: RecordError.self) { try record.u32(1, 2).u64(3, 4).bytes.decoded(Self.withTrailer) }
        }
    }

    @Test(arguments: [0, 23, 63] as [UInt32])
    func newerTypesOfTheKernelKeepTheirTrailer(type: UInt32) throws {
        let bytes = RecordBytes(type: type).u8(1, 2, 3, 4, 5, 6, 7, 8).u32(1, 2).u64(3, 4).bytes
        let decoded = try bytes.decoded(Self.withTrailer)
        #expect(describe(decoded.record, bytes) == "other [1, 2, 3, 4, 5, 6, 7, 8]")
        #expect(decoded.identity.time == 3)
    }

    /// perf's own records have no trailer, whatever the events say.
    @Test(arguments: [64, 68, 83, 84, 1 << 31, .max] as [UInt32])
    func typesOfPerfHaveNoTrailer(type: UInt32) throws {
        for payload in [[], [1], [1, 2, 3, 4, 5, 6, 7, 8]] as [[UInt8]] {
            let bytes = RecordBytes(type: type).raw(payload).bytes
            let decoded = try bytes.decoded(Self.withTrailer)
            #expect(describe(decoded.record, bytes) == "other \(payload)")
            #expect(decoded.identity == SampleIdentity())
            var encoded: [UInt8] = []
            #expect(decoded.encode(into: &encoded, source: bytes.span.bytes, layout: Self.withTrailer))
            #expect(encoded == bytes)
        }
    }

    @Test func whatTheSizeFieldCannotSayIsNotWritten() throws {
        for (count, isWritten) in [(65527, true), (65528, false), (70000, false)] {
            let bytes = RecordBytes(type: 64).raw([UInt8](repeating: 7, count: count)).bytes
            var buffer: [UInt8] = [1, 2, 3]
            let wasWritten = try bytes.decoded(.of())
                .encode(into: &buffer, source: bytes.span.bytes, layout: .of())
            #expect(wasWritten == isWritten)
            #expect(buffer == (isWritten ? [1, 2, 3] + bytes : [1, 2, 3]))
        }
    }
}
