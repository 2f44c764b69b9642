import ByteAccess
import PerfRecords
import Testing
@testable import Unwinding

/// How entries are found and read, whatever the section and its encodings.
@Suite struct FrameTableTests {
    private static func filled(_ frames: FrameBuilder) -> FrameBuilder {
        var frames = frames
        let common = frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        for number in 0..<UInt64(20) {
            frames.function(common, start: 0x1000 + number * 0x20, size: 0x18, CFA.defCFAOffset(8 * number))
        }
        return frames
    }

    private static func expectAll(_ image: UnwindImage, _ comment: Comment? = nil) {
        for number in 0..<UInt64(20) {
            let start = 0x1000 + number * 0x20
            for address in [start, start + 0x17] {
                guard case .success(let placed)? = image.row(at: address, isReturnAddress: false) else {
                    Issue.record("no row at \(address)", severity: .error)
                    return
                }
                #expect(placed.row.frameAddress == .register(7, offset: Int64(8 * number)), comment)
            }
            #expect(image.row(at: start + 0x18, isReturnAddress: false) == nil, comment)
            #expect(image.functionStart(atOrBelow: start + 0x19) == start, comment)
        }
        #expect(image.row(at: 0xFFF, isReturnAddress: false) == nil, comment)
    }

    /// Absolute and relative, two to eight bytes, LEB128 apart.
    @Test(arguments: [0x00, 0x02, 0x03, 0x04, 0x0A, 0x0B, 0x0C, 0x10, 0x1A, 0x1B, 0x1C] as [UInt8])
    func encodings(encoding: UInt8) {
        let frames = Self.filled(FrameBuilder(encoding: encoding))
        Self.expectAll(CallFrameInstructionTests.image(frames))
        Self.expectAll(CallFrameInstructionTests.image(frames, header: frames.header(at: 0x7000)))
    }

    @Test(arguments: [(false, 1), (false, 3), (false, 4), (true, 1), (true, 3), (true, 4)] as [(Bool, UInt8)])
    func versionsAndSizes(is64Bit: Bool, version: UInt8) {
        for section in [FrameBuilder.Section.ehFrame, .debugFrame] {
            let frames = Self.filled(FrameBuilder(section: section, is64Bit: is64Bit, version: version))
            let image = CallFrameInstructionTests.image(frames)
            Self.expectAll(image, "\(section)")
            #expect(image.problem == nil)
        }
    }

    @Test func truthfulHeader() {
        let frames = Self.filled(FrameBuilder())
        let image = CallFrameInstructionTests.image(frames, header: frames.header(at: 0x7000))
        Self.expectAll(image)
        #expect(image.problem == nil)
    }

    /// A table out of order, one whose entries are elsewhere, one cut short and one of another version: the section is
    /// read instead, and it is said.
    @Test func lyingHeaders() {
        let frames = Self.filled(FrameBuilder())
        let truth = frames.header(at: 0x7000)
        var unsorted = truth
        unsorted.store(UInt32(0x7FFF_FFFF), at: 12 + 8 * 3)
        var elsewhere = truth
        for index in 0..<20 { elsewhere.store(UInt32(0x2345), at: 16 + 8 * index) }
        var counted = truth
        counted.store(UInt32.max, at: 8)
        var version = truth
        version[0] = 2
        for (name, header) in [
            ("unsorted", unsorted), ("elsewhere", elsewhere), ("counted", counted), ("version", version),
            ("cut", Array(truth.prefix(20))), ("empty", []),
        ] {
            let image = CallFrameInstructionTests.image(frames, header: header)
            Self.expectAll(image, "\(name)")
            #expect(image.problem == .searchTable, "\(name)")
        }
    }

    /// What precedes a broken entry is found; the problem names its place.
    @Test func brokenEntry() {
        var frames = Self.filled(FrameBuilder())
        let end = frames.bytes.count
        frames.bytes.store(UInt32(1000))
        let image = CallFrameInstructionTests.image(frames)
        Self.expectAll(image)
        #expect(image.problem == .entry(.exceptionFrames, offset: end))
    }

    /// Augmentations with a personality and language data, of a signal frame, for the B key; and an unknown letter,
    /// which can be passed over where its length is given.
    @Test(
        arguments: [
            ("zPLR", [0x1B, 1, 2, 3, 4, 0x1B, 0x1B]), ("zRS", [0x1B]), ("zRB", [0x1B]), ("zRQ", [0x1B, 1, 2]), ("", []),
            ("S", []),
        ] as [(String, [UInt8])])
    func augmentations(text: String, data: [UInt8]) {
        var frames = FrameBuilder(encoding: text.isEmpty || text == "S" ? 0 : 0x1B)
        let common = frames.common(augmentation: text, data: data, CFA.defCFA(7, 8) + CFA.offset(16, 1))
        frames.function(common, start: 0x1000, size: 0x100, hasAugmentationData: text.hasPrefix("z"), [])
        let row = CallFrameInstructionTests.row(frames, at: 0x1010)
        #expect(row?.frameAddress == .register(7, offset: 8))
        #expect(row?.isSignalFrame == text.contains("S"))
    }

    @Test func unknownAugmentation() {
        var frames = FrameBuilder(encoding: 0)
        let common = frames.common(augmentation: "eh", CFA.defCFA(7, 8))
        frames.function(common, start: 0x1000, size: 0x100, hasAugmentationData: false, [])
        #expect(CallFrameInstructionTests.row(frames, at: 0x1010) == nil)
    }

    /// PERF_REG_X86_* are not in DWARF's order, and a mask leaves registers out.
    @Test func registersOfPerf() {
        // bx, bp, sp, ip, flags, r8, r15.
        let mask: UInt64 = 1 << 1 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 16 | 1 << 23
        var record: [UInt8] = [0]
        for value in [11, 22, 33, 44, 55, 66, 77] as [UInt64] { record.store(value) }
        record.withUnsafeBytes {
            let file = RegisterFile(.x86_64, perfMask: mask, values: 1..<57, in: $0.bytes)
            #expect(file?[dwarf: 3] == 11)
            #expect(file?.framePointer == 22)
            #expect(file?.stackPointer == 33)
            #expect(file?.instructionPointer == 44)
            #expect(file?[dwarf: 8] == 66)
            #expect(file?[dwarf: 15] == 77)
            #expect(file?[dwarf: 0] == nil)
            #expect(RegisterFile(.x86_64, perfMask: mask, values: 1..<56, in: $0.bytes) == nil)
            #expect(RegisterFile(.x86_64, perfMask: .max, values: 1..<57, in: $0.bytes) == nil)
            #expect(
                RegisterFile(.arm64, perfMask: 1 << 29 | 1 << 31 | 1 << 32, values: 1..<57, in: $0.bytes)?.stackPointer
                    == 22)
        }
    }

    /// Every addressing mode of `call *`, and what only looks like one.
    @Test func x86Calls() {
        func call(_ bytes: [UInt8]) -> CallInstruction? {
            Architecture.x86_64.call(before: bytes.count, in: bytes, at: 0x1000)
        }
        #expect(call([0xE8, 0xFB, 0xFF, 0xFF, 0xFF]) == CallInstruction(target: 0x1000, isIndirect: false))
        for bytes in [
            [0xFF, 0xD0], [0x41, 0xFF, 0xD3], [0xFF, 0x10], [0xFF, 0x15, 1, 2, 3, 4], [0xFF, 0x14, 0xC8],
            [0xFF, 0x14, 0x25, 1, 2, 3, 4], [0xFF, 0x50, 8], [0xFF, 0x54, 0x24, 8], [0xFF, 0x90, 1, 2, 3, 4],
            [0xFF, 0x94, 0x24, 1, 2, 3, 4], [0x67, 0x41, 0xFF, 0x94, 0xC4, 1, 2, 3, 4], [0x3E, 0xFF, 0xD2],
        ] as [[UInt8]] {
            #expect(call(bytes) == CallInstruction(target: nil, isIndirect: true), "\(bytes)")
        }
        // Behind an operand that holds the first byte of a direct call, and a direct call whose distance holds an indirect one.
        for bytes in [
            [0xBF, 0, 0xE8, 0, 0, 0xFF, 0xD3], [0xBF, 0, 0, 0xE8, 0, 0xFF, 0x55, 0],
            [0xBE, 0, 0, 0, 0xE8, 0xFF, 0x54, 0x24, 8], [0xE8, 1, 2, 0xFF, 0xD0],
        ] as [[UInt8]] {
            #expect(call(bytes)?.target != nil && call(bytes)?.isIndirect == true, "\(bytes)")
        }
        for bytes in [
            [], [0xFF], [0xFF, 0xE0], [0xFF, 0xC0], [0xFF, 0x50], [0xFF, 0x14], [0xE8, 0, 0, 0], [0xFF, 0x15, 1, 2],
            [0xFF, 0x25, 1, 2, 3, 4], [0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90],
        ] as [[UInt8]] {
            #expect(call(bytes) == nil, "\(bytes)")
        }
    }
}
