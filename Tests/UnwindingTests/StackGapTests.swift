import PerfRecords
import Testing
import Unwinding

/// Dumps of a stack's two ends, with bytes missing between them.
@Suite struct StackGapTests {
    private static func at(_ address: UInt64) -> UInt64 { HandmadeProcess.at(address) }

    /// Frames of 32 bytes, but for `large` at 0x2000 with 4,096, whose caller is at 0x3010.
    private static let process: HandmadeProcess = {
        var process = HandmadeProcess()
        let common = process.frames.common(CFA.defCFA(7, 32) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1000, size: 0x1000, [])
        process.frames.function(common, start: 0x2000, size: 0x800, CFA.defCFAOffset(4096))
        process.frames.function(common, start: 0x2800, size: 0x800, CFA.undefined(16))
        process.call(endingAt: 0x2010)
        process.call(endingAt: 0x2810, target: 0x2000)
        return process
    }()

    /// The innermost frame, `inner` words of the large one, then the `outer` words that end with its return address.
    private func unwind(inner: Int, outer: Int, gap: (offset: Int, size: UInt64)?) -> HandmadeProcess.Answer {
        let stack = [0, 0, 0, Self.at(0x2010)] + [UInt64](repeating: 0, count: inner + outer - 1) + [Self.at(0x2810)]
        return Self.process.unwind(
            at: 0x1010, stack: stack, gap: gap.flatMap { StackGap(offset: $0.offset, size: $0.size) })
    }

    @Test(arguments: [0, 1, 100], [1, 2, 200]) func aFrameWithItsMiddleMissing(inner: Int, outer: Int) {
        let missing = UInt64(512 - inner - outer) * 8
        let answer = unwind(inner: inner, outer: outer, gap: (32 + inner * 8, missing))
        #expect(answer.addresses == [0x1010, 0x2010, 0x2810] && answer.end == .outermost && answer.isSameWarm)
        // Without the gap the caller would be sought beyond the dump.
        let without = unwind(inner: inner, outer: outer, gap: nil)
        #expect(without.addresses == [0x1010, 0x2010] && without.end == .truncated(.dumpTooSmall))
    }

    /// The caller's address is among the bytes that are missing, in whole or in part.
    @Test(arguments: [4096, 4096 - 1, 4096 - 8, 4096 - 7] as [UInt64]) func whatIsMissing(size: UInt64) {
        let answer = unwind(inner: 0, outer: 20, gap: (32, size))
        #expect(answer.addresses == [0x1010, 0x2010] && answer.isSameWarm)
        #expect(answer.end == .truncated(.dumpTooSmall) || answer.end == .truncated(.unmapped))
    }

    @Test func gapsThatAreNone() {
        #expect(StackGap(offset: -1, size: 8) == nil && StackGap(offset: 0, size: 0) == nil)
        #expect(StackGap(offset: 0, size: .max) == nil)
        // Behind the dump.
        let answer = unwind(inner: 0, outer: 511, gap: (1 << 20, 8))
        #expect(answer.addresses == [0x1010, 0x2010] || answer.addresses == [0x1010, 0x2010, 0x2810])
    }
}
