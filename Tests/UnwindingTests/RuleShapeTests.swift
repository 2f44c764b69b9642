import PerfRecords
import Testing
import Unwinding

/// One stack for each shape of rule, on x86-64.
@Suite struct RuleShapeTests {
    static let sp = HandmadeProcess.stackPointer
    static func at(_ address: UInt64) -> UInt64 { HandmadeProcess.at(address) }

    /// `inner` at 0x1000 has the given instructions; `caller` at 0x2000 returns to `outer` at 0x2800 with 16 bytes of
    /// frame; `outer` ends the stack.
    static func process(_ inner: [UInt8], augmentation: String = "zR", data: [UInt8]? = nil) -> HandmadeProcess {
        var process = HandmadeProcess()
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        let special = process.frames.common(
            augmentation: augmentation, data: data, CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(special, start: 0x1000, size: 0x100, inner)
        process.frames.function(common, start: 0x2000, size: 0x100, CFA.defCFAOffset(16))
        process.frames.function(common, start: 0x2800, size: 0x100, CFA.undefined(16))
        process.call(endingAt: 0x2010)
        process.call(endingAt: 0x2810, target: 0x2000)
        return process
    }

    static func expectWhole(_ answer: HandmadeProcess.Answer, _ comment: Comment? = nil) {
        #expect(answer.addresses == [0x1010, 0x2010, 0x2810], comment)
        #expect(answer.exact == [true, false, false], comment)
        #expect(answer.end == .outermost, comment)
        #expect(answer.isSameWarm, comment)
        #expect(answer.problem == nil, comment)
    }

    @Test func stackPointerPlusOffset() {
        let process = Self.process(CFA.defCFAOffset(24))
        Self.expectWhole(process.unwind(at: 0x1010, stack: [1, 2, Self.at(0x2010), 3, Self.at(0x2810)]))
    }

    @Test func framePointerPlusOffset() {
        let process = Self.process(CFA.defCFA(6, 16) + CFA.offset(6, 2))
        Self.expectWhole(
            process.unwind(at: 0x1010, [6: Self.sp + 16], stack: [1, 2, 99, Self.at(0x2010), 3, Self.at(0x2810)]))
    }

    /// The frame's register is one that a deeper frame saved.
    @Test func calleeSavedRegisterOfAnInnerFrame() {
        var process = HandmadeProcess()
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1000, size: 0x100, CFA.defCFAOffset(16) + CFA.offset(3, 2))
        process.frames.function(common, start: 0x2000, size: 0x100, CFA.defCFA(3, 16))
        process.frames.function(common, start: 0x2800, size: 0x100, CFA.undefined(16))
        process.call(endingAt: 0x2010)
        process.call(endingAt: 0x2810)
        Self.expectWhole(
            process.unwind(at: 0x1010, stack: [Self.sp + 24, Self.at(0x2010), 7, 8, Self.at(0x2810)]))
    }

    /// glibc's vfork has its return address in rdi.
    @Test func returnAddressInARegister() {
        let process = Self.process(CFA.defCFAOffset(0) + CFA.register(16, 5))
        Self.expectWhole(process.unwind(at: 0x1010, [5: Self.at(0x2010)], stack: [3, Self.at(0x2810)]))
        let without = process.unwind(at: 0x1010, stack: [3, Self.at(0x2810)])
        #expect(without.end == .truncated(.badUnwindInformation))
    }

    /// The row of a procedure linkage table: 8 bytes more behind its push.
    @Test func frameAddressByExpression() {
        let expression: [UInt8] = [0x77, 8, 0x80, 0, 0x3F, 0x1A, 0x3B, 0x2A, 0x33, 0x24, 0x22]
        let process = Self.process(CFA.defCFAExpression(expression))
        var low = process.unwind(at: 0x1010, stack: [Self.at(0x2010), 3, Self.at(0x2810)])
        Self.expectWhole(low)
        low = process.unwind(at: 0x101B, stack: [1, Self.at(0x2010), 3, Self.at(0x2810)])
        #expect(low.addresses == [0x101B, 0x2010, 0x2810])
    }

    /// A realigned stack: the CFA is in memory, and rbp where an expression says.
    @Test func realignedStack() {
        let process = Self.process(CFA.defCFAExpression([0x76, 0x78, 0x06]) + CFA.expression(6, [0x76, 0]))
        let stack = [Self.sp + 32, 77, 5, Self.at(0x2010), 3, Self.at(0x2810)]
        Self.expectWhole(process.unwind(at: 0x1010, [6: Self.sp + 8], stack: stack))
    }

    /// All registers come from the frame that the kernel laid out, and the interrupted address is exact.
    @Test func signalFrame() {
        let restorer =
            CFA.defCFAExpression([0x77, 0x18, 0x06]) + CFA.expression(7, [0x77, 0x18])
            + CFA.expression(16, [0x77, 0x20]) + CFA.expression(6, [0x77, 0x28]) + CFA.expression(0, [0x77, 0x30])
        var process = Self.process(restorer, augmentation: "zRS")
        // A handler at 0x2900 returns to the restorer, which nothing calls; `caller` was interrupted.
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x2900, size: 0x100, [])
        var stack: [UInt64] = [Self.at(0x1001)] + Array(repeating: 0, count: 12)
        stack[1 + 3] = Self.sp + 8 * 10
        stack[1 + 4] = Self.at(0x2044)
        stack[10] = 5
        stack[11] = Self.at(0x2810)
        let answer = process.unwind(at: 0x2910, stack: stack)
        #expect(answer.addresses == [0x2910, 0x1001, 0x2044, 0x2810])
        #expect(answer.exact == [true, false, true, false])
        #expect(answer.end == .outermost)
        #expect(answer.isSameWarm)
    }

    /// musl and Go say nothing about theirs: it is known by its bytes, and the registers lie where the kernel puts them.
    @Test func signalTrampolineWithoutFrames() {
        var process = Self.process([])
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x2900, size: 0x100, [])
        process.place([0x48, 0xC7, 0xC0, 15, 0, 0, 0, 0x0F, 5], at: 0x1200)
        var stack: [UInt64] = [Self.at(0x1200)] + Array(repeating: 0, count: 40)
        stack[1 + 5 + 15] = Self.sp + 8 * 30
        stack[1 + 5 + 16] = Self.at(0x2044)
        stack[31] = Self.at(0x2810)
        let answer = process.unwind(at: 0x2910, stack: stack)
        #expect(answer.addresses == [0x2910, 0x1200, 0x2044, 0x2810])
        #expect(answer.exact == [true, false, true, false])
        #expect(answer.end == .outermost)
    }

    /// An address outside every entry, as in glibc's clone: the return address is at the stack pointer, and the call
    /// leads to this function.
    @Test func uncoveredInnermostFrame() {
        var process = Self.process([])
        process.call(endingAt: 0x2010, target: 0x1080)
        let stack = [Self.at(0x2010), 3, Self.at(0x2810)]
        let answer = process.unwind(at: 0x1200, [6: 0], stack: stack)
        // The call leads to 0x1080, an entry begins at 0x1000: 0x1200 is behind both.
        #expect(answer.addresses == [0x1200, 0x2010, 0x2810])
        #expect(answer.end == .outermost)
        // It does not lead here: a function begins between.
        process.call(endingAt: 0x2010, target: 0x1000)
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1100, size: 0x10, [])
        let other = process.unwind(at: 0x1200, stack: stack)
        #expect(other.addresses == [0x1200])
        #expect(other.end == .truncated(.noUnwindInformation))
    }

    @Test func framePointersWhereNothingElseIsKnown() {
        var process = HandmadeProcess()
        process.hasFrames = false
        process.call(endingAt: 0x1110)
        process.place([0xFF, 0xD0], at: 0x120E)  // call *%rax
        let stack = [0, Self.sp + 24, Self.at(0x1110), 0, Self.at(0x1210)]
        let answer = process.unwind(
            at: 0x1010, [6: Self.sp + 8], stack: stack + HandmadeProcess.arguments(at: Self.sp + 40))
        #expect(answer.addresses == [0x1010, 0x1110, 0x1210])
        #expect(answer.end == .outermost)
        #expect(process.unwind(at: 0x1010, [6: Self.sp + 8], stack: stack).end == .truncated(.noUnwindInformation))
    }

    /// A JIT compiler's code has no bytes to check; the image's frames around it are checked as ever.
    @Test func framePointersThroughAnonymousMemory() {
        var process = Self.process([])
        let anonymous = HandmadeProcess.anonymous.lowerBound
        process.call(endingAt: 0x2010)
        var registers: [Int: UInt64] = [6: Self.sp]
        registers[16] = anonymous + 0x20
        let stack = [Self.sp + 16, anonymous + 0x80, 0x7FFF_FFFF_E100, Self.at(0x2010), 3, Self.at(0x2810)]
        let answer = process.unwind(at: 0x1010, registers, stack: stack)
        #expect(answer.addresses.suffix(2) == [0x2010, 0x2810])
        #expect(answer.addresses.count == 4)
        #expect(answer.end == .outermost)
    }

    @Test func whatEndsAStack() {
        let process = Self.process(CFA.defCFAOffset(24))
        #expect(process.unwind(at: 0x1010, stack: [1, 2]).end == .truncated(.dumpTooSmall))
        #expect(process.unwind(at: 0x1010, stack: []).end == .truncated(.dumpTooSmall))
        #expect(process.unwind(at: 0x1010, stack: [1, 2, Self.at(0x2011)]).end == .truncated(.notACall))
        #expect(process.unwind(at: 0x1010, stack: [1, 2, 0xDEAD_BEEF]).end == .truncated(.unmapped))
        let outside = process.unwind(at: 0x9_0000, stack: [1, 2])
        #expect(outside.addresses == [0x9_0000])
        #expect(outside.end == .truncated(.unmapped))
        let low = Self.process(CFA.defCFA(6, 16)).unwind(at: 0x1010, [6: 0x1000], stack: [1, 2])
        #expect(low.end == .truncated(.badMemory))
    }

    /// A frame that lies at or below the one that it called never ends otherwise.
    @Test func cyclesEnd() {
        var process = HandmadeProcess()
        let common = process.frames.common(CFA.defCFA(6, 0) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1000, size: 0x100, [])
        process.call(endingAt: 0x1010)
        let answer = process.unwind(at: 0x1010, [6: Self.sp + 8], stack: [Self.at(0x1010), 0])
        #expect(answer.addresses == [0x1010, 0x1010])
        #expect(answer.end == .truncated(.badMemory))
    }

    @Test func noMoreThanTheDeepestStack() {
        var process = HandmadeProcess()
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1000, size: 0x100, [])
        process.call(endingAt: 0x1010)
        let answer = process.unwind(at: 0x1010, stack: Array(repeating: Self.at(0x1010), count: 2000))
        #expect(answer.addresses.count == Unwinder.mostFrames)
        #expect(answer.end == .truncated(.tooDeep))
    }
}
