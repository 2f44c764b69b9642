import ByteAccess
import PerfRecords
import Testing
import Unwinding

/// Stacks of arm64: the return address is in x30 until it is saved.
@Suite struct Arm64Tests {
    static func at(_ address: UInt64) -> UInt64 { HandmadeProcess.at(address) }
    static let sp = HandmadeProcess.stackPointer

    /// A leaf at 0x1000, `caller` at 0x2000 with x29 and x30 in 32 bytes of frame, `outer` at 0x2800.
    static func process(_ leaf: [UInt8] = []) -> HandmadeProcess {
        var process = HandmadeProcess(architecture: .arm64)
        let common = process.frames.common(codeAlignment: 4, returnColumn: 30, CFA.defCFA(31, 0))
        process.frames.function(common, start: 0x1000, size: 0x100, leaf)
        process.frames.function(
            common, start: 0x2000, size: 0x100,
            CFA.advance(1) + CFA.defCFAOffset(32) + CFA.offset(29, 4) + CFA.offset(30, 3))
        process.frames.function(common, start: 0x2800, size: 0x100, CFA.undefined(30))
        process.call(endingAt: 0x2010)
        process.call(endingAt: 0x2810, target: 0x2000)
        return process
    }

    @Test func leafThenSavedLink() {
        let answer = Self.process().unwind(at: 0x1010, [30: Self.at(0x2010)], stack: [0, Self.at(0x2810), 0, 0])
        #expect(answer.addresses == [0x1010, 0x2010, 0x2810])
        #expect(answer.exact == [true, false, false])
        #expect(answer.end == .outermost)
        #expect(answer.isSameWarm)
    }

    /// The signature of pointer authentication lies above bit 47.
    @Test func signedReturnAddresses() {
        let signature: UInt64 = 0x2A << 48
        let answer = Self.process([0x2D]).unwind(
            at: 0x1010, [30: Self.at(0x2010) | signature], stack: [0, Self.at(0x2810) | signature, 0, 0])
        #expect(answer.addresses == [0x1010, 0x2010, 0x2810])
        #expect(answer.end == .outermost)
    }

    @Test(arguments: [0xD63F_0100, 0xD73F_0909, 0xD63F_093F, 0xD63F_0D1F] as [UInt32])
    func indirectCalls(word: UInt32) {
        var process = Self.process()
        process.code.store(word, at: 0x2010 - 4 - 0x1000)
        let answer = process.unwind(at: 0x1010, [30: Self.at(0x2010)], stack: [0, Self.at(0x2810), 0, 0])
        #expect(answer.addresses == [0x1010, 0x2010, 0x2810])
    }

    @Test func aReturnIsNoCall() {
        var process = Self.process()
        process.code.store(UInt32(0xD65F_03C0), at: 0x2010 - 4 - 0x1000)
        let answer = process.unwind(at: 0x1010, [30: Self.at(0x2010)], stack: [0, Self.at(0x2810), 0, 0])
        #expect(answer.addresses == [0x1010])
        #expect(answer.end == .truncated(.notACall))
    }

    /// An innermost function that nothing describes: x30 is behind a call that leads to it.
    @Test func uncoveredInnermostFrame() {
        var process = Self.process()
        process.call(endingAt: 0x2010, target: 0x1100)
        let answer = process.unwind(at: 0x1110, [30: Self.at(0x2010)], stack: [0, Self.at(0x2810), 0, 0])
        #expect(answer.addresses == [0x1110, 0x2010, 0x2810])
        #expect(answer.end == .outermost)
    }

    @Test func frameRecords() {
        var process = HandmadeProcess(architecture: .arm64)
        process.hasFrames = false
        process.call(endingAt: 0x1110)
        process.call(endingAt: 0x1210)
        let chain = [0, Self.sp + 24, Self.at(0x1110), 0, Self.at(0x1210), 0]
        let whole = process.unwind(
            at: 0x1010, [29: Self.sp + 8, 30: 0], stack: chain + HandmadeProcess.arguments(at: Self.sp + 48))
        #expect(whole.addresses == [0x1010, 0x1110, 0x1210])
        #expect(whole.end == .outermost)
        let unproved = process.unwind(at: 0x1010, [29: Self.sp + 8, 30: 0], stack: chain)
        #expect(unproved.addresses == [0x1010, 0x1110, 0x1210])
        #expect(unproved.end == .truncated(.noUnwindInformation))
    }

    /// The kernel's trampoline is known by its bytes; the interrupted registers lie behind `siginfo` and the head of
    /// `ucontext`.
    @Test func signalTrampoline() {
        var process = Self.process()
        process.code.store(UInt64(0xD400_0001_D280_1168), at: 0x1200 - 0x1000)
        var stack = Array(repeating: UInt64(0), count: 80)
        stack[39 + 31] = Self.sp + 8 * 74
        stack[39 + 32] = Self.at(0x2044)
        stack[39 + 30] = 5
        stack[75] = Self.at(0x2810)
        let answer = process.unwind(at: 0x1010, [30: Self.at(0x1200)], stack: stack)
        #expect(answer.addresses == [0x1010, 0x1200, 0x2044, 0x2810])
        #expect(answer.exact == [true, false, true, false])
        #expect(answer.end == .outermost)
    }

    /// x30 that was never saved cannot be the return address of a function that called.
    @Test func aCallerThatSavedNothingEndsTheStack() {
        var process = Self.process()
        process.call(endingAt: 0x1020)
        let answer = process.unwind(at: 0x1010, [30: Self.at(0x1020)], stack: [0, 0])
        #expect(answer.addresses == [0x1010, 0x1020])
        #expect(answer.end == .truncated(.badUnwindInformation))
    }
}
