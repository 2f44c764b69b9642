import PerfRecords
import Testing

/// Every record type of the kernel but the sample: the bytes, and what they say.
@Suite struct RecordTests {
    private static let cases: [(record: RecordBytes, meaning: String)] = [
        (
            RecordBytes(type: 1).u32(10, 11).u64(0x1000, 0x2000, 0x3000).text("/bin/sh"),
            "MMAP pid=10 tid=11 start=4096 length=8192 offset=12288 path=/bin/sh"
        ),
        (RecordBytes(type: 2).u64(5, 6), "LOST id=5 count=6"),
        (RecordBytes(type: 3).u32(10, 11).text("sh"), "COMM pid=10 tid=11 name=sh"),
        (
            RecordBytes(type: 3, misc: 1 << 13).u32(10, 11).text("fifteen letters"),
            "COMM pid=10 tid=11 name=fifteen letters"
        ),
        (RecordBytes(type: 4).u32(10, 1, 11, 2).u64(99), "EXIT pid=10 tid=11 parent=1/2 time=99"),
        (RecordBytes(type: 5).u64(99, 5, 6), "THROTTLE time=99 id=5 stream=6"),
        (RecordBytes(type: 6).u64(99, 5, 6), "UNTHROTTLE time=99 id=5 stream=6"),
        (RecordBytes(type: 7).u32(10, 1, 11, 2).u64(99), "FORK pid=10 tid=11 parent=1/2 time=99"),
        (RecordBytes(type: 8).u32(10, 11).u64(7), "READ pid=10 tid=11 count=1"),
        (
            RecordBytes(type: 10).u32(10, 11).u64(0x1000, 0x2000, 0x3000).u32(8, 1).u64(77, 78).u32(5, 2)
                .text("/bin/sh"),
            "MMAP2 device=8:1 inode=77/78 protection=5 flags=2 pid=10 tid=11 start=4096 length=8192 offset=12288 "
                + "path=/bin/sh"
        ),
        (RecordBytes(type: 11).u64(1, 2, 3), "AUX offset=1 size=2 flags=3"),
        (RecordBytes(type: 12).u32(10, 11), "ITRACE_START pid=10 tid=11"),
        (RecordBytes(type: 13).u64(6), "LOST_SAMPLES count=6"),
        (RecordBytes(type: 14, misc: 1 << 13), "SWITCH"),
        (RecordBytes(type: 15).u32(10, .max), "SWITCH_CPU_WIDE pid=10 tid=-1"),
        (
            RecordBytes(type: 16).u32(10, 11).u64(2).u64(4, 100, 5, 200),
            "NAMESPACES pid=10 tid=11 [4, 100, 5, 200]"
        ),
        (RecordBytes(type: 16).u32(10, 11).u64(0), "NAMESPACES pid=10 tid=11 []"),
        (
            RecordBytes(type: 17).u64(0x1000).u32(64).u16(1, 2).text("bpf_prog"),
            "KSYMBOL address=4096 length=64 type=1 flags=2 name=bpf_prog"
        ),
        (
            RecordBytes(type: 18).u16(1, 2).u32(3).u8(1, 2, 3, 4, 5, 6, 7, 8),
            "BPF_EVENT type=1 flags=2 id=3 tag=[1, 2, 3, 4, 5, 6, 7, 8]"
        ),
        (RecordBytes(type: 19).u64(42).text("/user.slice"), "CGROUP id=42 path=/user.slice"),
        (
            RecordBytes(type: 20).u64(0x1000).u16(5, 2).u8(1, 2, 3, 4, 5).u8(6, 7).raw([0, 0, 0, 0, 0]),
            "TEXT_POKE address=4096 old=[1, 2, 3, 4, 5] new=[6, 7]"
        ),
        (
            RecordBytes(type: 20).u64(0x1000).u16(0, 4).u8(6, 7, 8, 9),
            "TEXT_POKE address=4096 old=[] new=[6, 7, 8, 9]"
        ),
        (RecordBytes(type: 21).u64(7), "AUX_OUTPUT_HW_ID id=7"),
        (RecordBytes(type: 22).u64(9, 3).u64(1, 2, 3), "CALLCHAIN_DEFERRED cookie=9 [1, 2, 3]"),
        (RecordBytes(type: 22).u64(9, 0), "CALLCHAIN_DEFERRED cookie=9 []"),
    ]

    @Test(arguments: cases.indices)
    func isDecoded(index: Int) throws {
        let (record, meaning) = Self.cases[index]
        let bytes = record.bytes
        let decoded = try bytes.decoded(.of(.time))
        #expect(describe(decoded.record, bytes) == meaning)
        #expect(decoded.identity == SampleIdentity())
        #expect(decoded.header.size == bytes.count && decoded.header.type.rawValue == UInt32(bytes[0]))
        #expect(decoded.header.misc.rawValue == UInt16(bytes[5]) << 8)
    }

    /// The trailer changes nothing before it, names included, and each of its fields is found.
    @Test(arguments: cases.indices)
    func isDecodedBeforeEveryTrailer(index: Int) throws {
        let (record, meaning) = Self.cases[index]
        for trailer in IdentityTrailer.every {
            let bytes = trailer.append(to: record).bytes
            let decoded = try bytes.decoded(trailer.layout)
            #expect(describe(decoded.record, bytes) == meaning, "\(trailer)")
            #expect(trailer.isDecoded(decoded.identity), "\(trailer): \(decoded.identity)")
        }
    }

    @Test(arguments: cases.indices)
    func isEncodedAsItWas(index: Int) throws {
        for trailer in IdentityTrailer.every {
            let bytes = trailer.append(to: Self.cases[index].record).bytes
            let decoded = try bytes.decoded(trailer.layout)
            // At any place in a buffer: padding is the record's own affair.
            for start in 0..<8 {
                var buffer = [UInt8](repeating: 0xee, count: start)
                #expect(decoded.encode(into: &buffer, source: bytes.span.bytes, layout: trailer.layout))
                #expect(Array(buffer[start...]) == bytes, "\(trailer), at \(start)")
            }
        }
    }

    @Test func everyTypeOfTheKernelIsHere() {
        #expect(Set(Self.cases.map { UInt32($0.record.bytes[0]) }) == Set(1...22).subtracting([9]))
    }

    @Test func miscBitsAreThoseOfTheHeader() {
        #expect(RecordMisc(rawValue: 1 << 13).isCommExec && !RecordMisc(rawValue: 1 << 14).isCommExec)
        #expect(RecordMisc(rawValue: 1 << 13).isForkOfExisting && !RecordMisc(rawValue: 2).isForkOfExisting)
        #expect(RecordMisc(rawValue: 1 << 13).isSwitchOut && !RecordMisc(rawValue: 1 << 14).isSwitchOut)
        #expect(RecordMisc(rawValue: 1 << 14).isSwitchOutPreempted)
        #expect(RecordMisc(rawValue: 1 << 13).isMapOfData && !RecordMisc(rawValue: 1 << 12).isMapOfData)
        #expect(RecordMisc(rawValue: 1 << 14).hasMapBuildID && !RecordMisc(rawValue: 1 << 13).hasMapBuildID)
        let modes: [RecordMisc.CPUMode] = [
            .unknown, .kernel, .user, .hypervisor, .guestKernel, .guestUser, .unknown, .unknown,
        ]
        for (bits, mode) in modes.enumerated() {
            #expect(RecordMisc(rawValue: UInt16(bits) | 0xfff8).cpuMode == mode)
        }
    }
}
