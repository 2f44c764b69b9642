import Testing

@testable import Unwinding

/// Each call frame instruction by itself, as bytes.
@Suite struct CallFrameInstructionTests {
    /// The row at 0x1000 + `distance` of a function whose entry holds `instructions`; its CIE says CFA = rsp + 8, the
    /// return address at CFA - 8 and rbx at CFA - 24.
    static func row(_ instructions: [UInt8], at distance: UInt64 = 0, size: UInt64 = 0x100000) -> UnwindRow? {
        var frames = FrameBuilder()
        let common = frames.common(codeAlignment: 2, CFA.defCFA(7, 8) + CFA.offset(16, 1) + CFA.offset(3, 3))
        frames.function(common, start: 0x1000, size: size, instructions)
        return row(frames, at: 0x1000 + distance)
    }

    static func row(_ frames: FrameBuilder, header: [UInt8]? = nil, at address: UInt64) -> UnwindRow? {
        guard case .success(let placed)? = image(frames, header: header).row(at: address, isReturnAddress: false) else {
            return nil
        }
        return placed.row
    }

    static func image(_ frames: FrameBuilder, header: [UInt8]? = nil) -> UnwindImage {
        var sections = UnwindSections()
        let section = UnwindSections.Section(address: frames.address, bytes: frames.bytes)
        if frames.section == .ehFrame { sections.exceptionFrames = section } else { sections.debugFrames = section }
        sections.exceptionFrameHeader = header.map { .init(address: 0x7000, bytes: $0) }
        return UnwindImage(architecture: .x86_64, sections: sections, name: "frames")
    }

    @Test func withoutInstructionsTheCommonOnesHold() throws {
        let row = try #require(Self.row([0, 0, 0]))
        #expect(row.frameAddress == .register(7, offset: 8))
        #expect(row.rule(16) == .offset(-8))
        #expect(row.rule(3) == .offset(-24))
        #expect(row.rule(6) == .unspecified)
    }

    /// Each advance is scaled by the code alignment factor, 2; the row behind it holds from there on.
    @Test(
        arguments: [
            ([0x44], 8), ([0x02, 0x90], 0x120), ([0x03, 0x34, 0x12], 0x2468),
            ([0x04, 0x10, 0x32, 4, 0], 0x8_6420), ([0x1D, 4, 0, 0, 0, 0, 0, 0, 0], 8),
        ] as [([UInt8], UInt64)])
    func advances(instruction: [UInt8], distance: UInt64) {
        let instructions = instruction + CFA.defCFAOffset(32)
        #expect(Self.row(instructions, at: distance - 1)?.frameAddress == .register(7, offset: 8))
        #expect(Self.row(instructions, at: distance)?.frameAddress == .register(7, offset: 32))
    }

    @Test func setLocation() {
        var frames = FrameBuilder(encoding: 0x00)
        let common = frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        let place: [UInt8] = [0x01, 0x40, 0x10, 0, 0, 0, 0, 0, 0]
        frames.function(common, start: 0x1000, size: 0x100, place + CFA.defCFAOffset(32))
        #expect(Self.row(frames, at: 0x103F)?.frameAddress == .register(7, offset: 8))
        #expect(Self.row(frames, at: 0x1040)?.frameAddress == .register(7, offset: 32))
    }

    @Test(
        arguments: [
            ([0x0C, 6, 16], FrameAddressRule.register(6, offset: 16)),
            ([0x0D, 6], .register(6, offset: 8)),
            ([0x0E, 0x80, 1], .register(7, offset: 128)),
            ([0x12, 6, 0x7E], .register(6, offset: 16)),  // def_cfa_sf, -2 × -8
            ([0x13, 0x7D], .register(7, offset: 24)),  // def_cfa_offset_sf
        ] as [([UInt8], FrameAddressRule)])
    func frameAddresses(instruction: [UInt8], expected: FrameAddressRule) {
        #expect(Self.row(instruction)?.frameAddress == expected)
    }

    @Test func frameAddressExpression() throws {
        guard case .expression(let range)? = Self.row([0x0F, 2, 0x77, 8])?.frameAddress else {
            Issue.record("no expression")
            return
        }
        #expect(range.count == 2)
    }

    @Test(
        arguments: [
            ([0x83, 2], RegisterRule.offset(-16)),
            ([0x05, 3, 4], .offset(-32)),
            ([0x11, 3, 0x7F], .offset(8)),
            ([0x2F, 3, 2], .offset(16)),
            ([0x14, 3, 2], .valueOffset(-16)),
            ([0x15, 3, 0x7F], .valueOffset(8)),
            ([0x07, 3], .undefined),
            ([0x08, 3], .sameValue),
            ([0x09, 3, 12], .register(12)),
            ([0x07, 3, 0xC3], .offset(-24)),  // restore
            ([0x07, 3, 0x06, 3], .offset(-24)),  // restore_extended
            ([0x07, 3, 0x2E, 16], .undefined),  // GNU_args_size
        ] as [([UInt8], RegisterRule)])
    func registerRules(instruction: [UInt8], expected: RegisterRule) {
        #expect(Self.row(instruction)?.rule(3) == expected)
    }

    @Test func registerExpressions() {
        guard case .expression? = Self.row([0x10, 3, 1, 0x30])?.rule(3) else {
            Issue.record("no expression")
            return
        }
        guard case .valueExpression? = Self.row([0x16, 3, 1, 0x30])?.rule(3) else {
            Issue.record("no value expression")
            return
        }
    }

    @Test func rememberedStatesNest() {
        let instructions: [UInt8] =
            [0x0A] + CFA.defCFAOffset(16) + [0x0A] + CFA.defCFA(6, 24) + CFA.undefined(3)
            + [0x41, 0x0B, 0x41, 0x0B]
        #expect(Self.row(instructions, at: 0)?.frameAddress == .register(6, offset: 24))
        #expect(Self.row(instructions, at: 0)?.rule(3) == .undefined)
        #expect(Self.row(instructions, at: 2)?.frameAddress == .register(7, offset: 16))
        #expect(Self.row(instructions, at: 2)?.rule(3) == .offset(-24))
        #expect(Self.row(instructions, at: 4)?.frameAddress == .register(7, offset: 8))
    }

    @Test func signedReturnAddresses() {
        #expect(Self.row([0x2D, 0x41, 0x2D], at: 0)?.isReturnAddressSigned == true)
        #expect(Self.row([0x2D, 0x41, 0x2D], at: 2)?.isReturnAddressSigned == false)
    }

    /// Unknown, cut off, without a state to restore, or a sum that overflows: no row, and the image says where.
    @Test(arguments: [
        [0x3F] as [UInt8], [0x0B], [0x0E], [0x10, 3, 9, 0], [0x04, 1], [0x0E, 0xFF],
        [0x0E, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        [0x05, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x0F, 1, 0x30, 0x0E, 8],
        [0x1D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Array(repeating: 0x0A, count: 100),
    ])
    func brokenInstructions(instructions: [UInt8]) {
        var frames = FrameBuilder()
        let common = frames.common(codeAlignment: 2, CFA.defCFA(7, 8) + CFA.offset(16, 1))
        frames.function(common, start: 0x1000, size: 0x100, instructions)
        let image = Self.image(frames)
        guard case .failure(.instructions(.exceptionFrames, _))? = image.row(at: 0x1020, isReturnAddress: false) else {
            Issue.record("a row")
            return
        }
        #expect(image.problem != nil)
        #expect(image.rule(at: 0x1020, isReturnAddress: false).kind == .broken)
    }
}
