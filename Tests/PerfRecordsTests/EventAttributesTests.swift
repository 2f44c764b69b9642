import ByteAccess
import PerfRecords
import Testing

@Suite struct EventAttributesTests {
    /// Every field at the offset that linux/perf_event.h gives it: the byte at offset n is n.
    private static let counted: [UInt8] = (0..<144).map { UInt8($0) }

    private func decode(_ bytes: [UInt8]) -> EventAttributes? {
        EventAttributes(decoding: bytes.span.bytes)
    }

    @Test func everyFieldIsAtItsOffset() throws {
        var bytes = Self.counted
        bytes.store(UInt32(144), at: 4)
        let attributes = try #require(decode(bytes))
        #expect(attributes.type == 0x0302_0100)
        #expect(attributes.config == 0x0f0e_0d0c_0b0a_0908)
        #expect(attributes.samplePeriod == 0x1716_1514_1312_1110)
        #expect(attributes.sampleType.rawValue == 0x1f1e_1d1c_1b1a_1918)
        #expect(attributes.readFormat.rawValue == 0x2726_2524_2322_2120)
        #expect(attributes.flags.rawValue == 0x2f2e_2d2c_2b2a_2928)
        #expect(attributes.wakeup == 0x3332_3130)
        #expect(attributes.breakpointType == 0x3736_3534)
        #expect(attributes.config1 == 0x3f3e_3d3c_3b3a_3938)
        #expect(attributes.config2 == 0x4746_4544_4342_4140)
        #expect(attributes.branchSampleType.rawValue == 0x4f4e_4d4c_4b4a_4948)
        #expect(attributes.sampleRegistersUser == 0x5756_5554_5352_5150)
        #expect(attributes.sampleStackUser == 0x5b5a_5958)
        #expect(attributes.clockID == 0x5f5e_5d5c)
        #expect(attributes.sampleRegistersInterrupt == 0x6766_6564_6362_6160)
        #expect(attributes.auxWatermark == 0x6b6a_6968)
        #expect(attributes.sampleMaxStack == 0x6d6c)
        #expect(attributes.auxSampleSize == 0x7372_7170)
        #expect(attributes.auxAction == 0x7776_7574)
        #expect(attributes.signalData == 0x7f7e_7d7c_7b7a_7978)
        #expect(attributes.config3 == 0x8786_8584_8382_8180)
        #expect(attributes.config4 == 0x8f8e_8d8c_8b8a_8988)
    }

    @Test(arguments: [64, 72, 80, 96, 104, 112, 120, 128, 136, 144])
    func everyPublishedSizeDecodes(size: Int) throws {
        var bytes = Self.counted
        bytes.store(UInt32(size), at: 4)
        let attributes = try #require(decode(bytes))
        #expect((attributes.config2 != 0) == (size >= 72))
        #expect((attributes.branchSampleType != []) == (size >= 80))
        #expect((attributes.signalData != 0) == (size >= 128))
        var expected = Array(bytes[..<size])
        if size > 111 { expected.store(UInt16(0), at: 110) }
        #expect(attributes.encoded(size: size) == expected)
    }

    /// perf refuses a file whose attributes are larger than its own: 120 bytes in Linux 5.10, Debian 11's.
    @Test func whatIsWrittenIsReadByAnOldPerf() {
        let bytes = EventAttributes().encoded()
        #expect(bytes.count == 120 && bytes.span.bytes.load(UInt32.self, at: 4) == 120)
    }

    /// The size field always says what was written.
    @Test(arguments: zip([0, -8, .min, 63, 145, 200, .max], [64, 64, 64, 64, 144, 144, 144]))
    func sizesThatNoKernelHas(size: Int, written: Int) throws {
        let bytes = try #require(decode(Self.counted)).encoded(size: size)
        #expect(bytes.count == written)
        #expect(bytes.span.bytes.load(UInt32.self, at: 4) == UInt32(written))
    }

    @Test func flagsAreThoseOfTheHeader() {
        let bits: [(EventFlags, UInt64)] = [
            (.disabled, 0), (.inherit, 1), (.mmap, 8), (.comm, 9), (.frequency, 10), (.enableOnExec, 12), (.task, 13),
            (.watermark, 14), (.mmapData, 17), (.sampleIDAll, 18), (.excludeCallchainKernel, 21),
            (.excludeCallchainUser, 22), (.mmap2, 23), (.commExec, 24), (.useClockID, 25), (.contextSwitch, 26),
            (.writeBackward, 27), (.namespaces, 28), (.ksymbol, 29), (.bpfEvent, 30), (.auxOutput, 31), (.cgroup, 32),
            (.textPoke, 33), (.buildID, 34), (.inheritThread, 35), (.removeOnExec, 36), (.sigtrap, 37),
            (.deferCallchain, 38), (.deferOutput, 39),
        ]
        for (flag, bit) in bits { #expect(flag.rawValue == 1 << bit) }
        var attributes = EventAttributes()
        attributes.flags = EventFlags(rawValue: 0b10 << 15)
        #expect(attributes.precise == 2 && EventFlags.preciseMask.rawValue == 0b11 << 15)
    }

    @Test func tooShortIsRefused() {
        #expect(decode(Array(Self.counted[..<63])) == nil)
        var lying = Self.counted
        lying.store(UInt32(8), at: 4)
        #expect(decode(lying) == nil)
    }
}
