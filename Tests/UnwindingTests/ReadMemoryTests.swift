import ByteAccess
import Testing
import Unwinding

/// Stacks that are read while they are unwound.
@Suite struct ReadMemoryTests {
    private static let stackPointer = HandmadeProcess.stackPointer

    /// `depth` frames of 256 bytes, each called from 0x2010, and then a return address that nothing called.
    private static func stack(depth: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<depth {
            bytes += [UInt8](repeating: 0, count: 248)
            bytes.store(HandmadeProcess.at(0x2010))
        }
        return bytes + [UInt8](repeating: 0, count: 4096)
    }

    private func unwind(depth: Int, mostBytes: Int = 8 << 20) -> (frames: Int, end: UnwindEnd, asked: [Int]) {
        var process = HandmadeProcess()
        // The canonical frame address is 256 above the stack pointer, with the return address below it.
        let common = process.frames.common(CFA.defCFA(7, 256) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1000, size: 0x2000, [])
        process.call(endingAt: 0x2010)
        let image = UnwindImage(architecture: .x86_64, sections: process.sections, name: "handmade")
        var unwinder = Unwinder(architecture: .x86_64) { _ in image }
        var registers = RegisterFile(.x86_64)
        registers.instructionPointer = HandmadeProcess.at(0x1010)
        registers.stackPointer = Self.stackPointer
        let stack = Self.stack(depth: depth)
        var asked: [Int] = []
        let (frames, end) = unwinder.unwind(registers, code: process.map, mostBytes: mostBytes) { address, count in
            asked.append(count)
            #expect(address == Self.stackPointer)
            return Array(stack.prefix(count))
        }
        return (frames.count, end, asked)
    }

    @Test func aShortStackIsReadOnce() {
        let answer = unwind(depth: 10)
        #expect(answer.frames == 11 && answer.asked == [16384])
        // The next address is 0, which is nowhere.
        #expect(answer.end == .truncated(.unmapped) || answer.end == .truncated(.notACall))
    }

    @Test func aLongOneIsReadFourTimesAsFar() {
        let answer = unwind(depth: 1000)
        #expect(answer.frames == 1001 && answer.asked == [16384, 65536, 262144])
    }

    @Test func noMoreIsReadThanIsAllowed() {
        let answer = unwind(depth: 1000, mostBytes: 20000)
        #expect(answer.asked == [16384, 20000] && answer.end == .truncated(.dumpTooSmall))
        #expect(answer.frames == 20000 / 256 + 1)
    }

    /// Memory that ends before the stack does is not asked for again.
    @Test func memoryThatEnds() {
        let whole = unwind(depth: 64)
        #expect(whole.asked == [16384, 65536] && whole.frames == 65)
    }
}
