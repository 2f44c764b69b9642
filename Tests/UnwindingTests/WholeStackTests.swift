import PerfRecords
import Testing
import Unwinding

/// A stack that ends in code without call frame information is whole only where something proves it.
@Suite struct WholeStackTests {
    static let sp = HandmadeProcess.stackPointer
    static func at(_ address: UInt64) -> UInt64 { HandmadeProcess.at(address) }

    /// `inner` at 0x1000 has an entry, and returns into code that has none.
    static func process() -> HandmadeProcess {
        var process = HandmadeProcess()
        let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
        process.frames.function(common, start: 0x1000, size: 0x100, [])
        process.call(endingAt: 0x2010)
        process.call(endingAt: 0x2810, target: 0x2000)
        return process
    }

    static func arguments(behind stack: [UInt64]) -> [UInt64] {
        stack + HandmadeProcess.arguments(at: HandmadeProcess.place(ofWord: stack.count))
    }

    /// A function may have 0 in rbp, and rbp may lead to zeros.
    @Test func frameChainsThatProveNothing() {
        let process = Self.process()
        let zero = process.unwind(at: 0x1010, [6: 0], stack: [Self.at(0x2010), 5, Self.at(0x2810), 7])
        #expect(zero.addresses == [0x1010, 0x2010])
        #expect(zero.end == .truncated(.noUnwindInformation))
        #expect(zero.isSameWarm)
        let zeros = process.unwind(at: 0x1010, [6: Self.sp + 16], stack: [Self.at(0x2010), 5, 0, 0, Self.at(0x2810)])
        #expect(zeros.addresses == [0x1010, 0x2010])
        #expect(zeros.end == .truncated(.noUnwindInformation))
    }

    @Test(arguments: [[0], [1, 0, 0]] as [[UInt64]])
    func memoryWithoutAFile(frame: [UInt64]) {
        let anonymous = HandmadeProcess.anonymous.lowerBound
        let stack = [anonymous + 0x80] + frame + [Self.at(0x2810), 5, Self.at(0x2810)]
        let answer = Self.process().unwind(at: 0x1010, [6: frame.count > 1 ? Self.sp + 16 : 0], stack: stack)
        #expect(answer.addresses.count == 2)
        #expect(answer.end == .truncated(.noUnwindInformation))
    }

    /// What a C compiler made is no part of the table of the Go program that it is linked into.
    @Test func codeBesideGos() {
        var process = Self.process()
        process.goFunctionTable = GoTests.table(
            .go120, [GoTests.Function(start: 0x1200, sizes: [(0, 0x1210)])], end: 0x1210)
        let answer = process.unwind(at: 0x1010, [6: 0], stack: [Self.at(0x2010), 5, Self.at(0x2810)])
        #expect(answer.addresses == [0x1010, 0x2010])
        #expect(answer.end == .truncated(.noUnwindInformation))
    }

    /// Up to the arguments no frame left a return address: this is the first, or the one that the first called.
    @Test func theArgumentsProveIt() {
        let process = Self.process()
        let first = process.unwind(at: 0x1010, [6: 0], stack: Self.arguments(behind: [Self.at(0x2010), 5, 0]))
        #expect(first.addresses == [0x1010, 0x2010])
        #expect(first.end == .outermost)
        let second = process.unwind(
            at: 0x1010, [6: 0], stack: Self.arguments(behind: [Self.at(0x2010), 5, 7, Self.at(0x2810)]))
        #expect(second.addresses == [0x1010, 0x2010, 0x2810])
        #expect(second.end == .outermost)
        #expect(second.isSameWarm)
    }

    /// Two return addresses: whose frame each ends cannot be told.
    @Test func framesBelowTheArguments() {
        let answer = Self.process().unwind(
            at: 0x1010, [6: 0],
            stack: Self.arguments(behind: [Self.at(0x2010), 5, Self.at(0x2810), 7, Self.at(0x2810)]))
        #expect(answer.addresses == [0x1010, 0x2010])
        #expect(answer.end == .truncated(.noUnwindInformation))
    }

    /// A list of a function's own: no auxiliary vector is behind it, or one without AT_PAGESZ.
    @Test func whatOnlyLooksLikeArguments() {
        let list = [1, Self.sp + 100, 0, 0]
        for rest in [[0, 0], [6, 4095, 0, 0], [9, 5, 0, 0], [6, 4096], [6, 4096, 64, 1, 0, 0]] as [[UInt64]] {
            let answer = Self.process().unwind(at: 0x1010, [6: 0], stack: [Self.at(0x2010)] + list + rest)
            #expect(answer.end == .truncated(.noUnwindInformation), "\(rest)")
        }
    }

    /// The operand before an indirect call holds the first byte of a direct one, which would lead nowhere.
    @Test(
        arguments: [
            [0xBF, 0, 0xE8, 0, 0, 0xFF, 0xD3], [0xBF, 0, 0, 0xE8, 0, 0xFF, 0x55, 8],
            [0xBE, 0, 0, 0, 0xE8, 0xFF, 0x54, 0x24, 8],
        ] as [[UInt8]])
    func bytesThatReadAsTwoCalls(bytes: [UInt8]) {
        var process = RuleShapeTests.process([])
        process.place(bytes, at: 0x2010 - UInt64(bytes.count))
        RuleShapeTests.expectWhole(process.unwind(at: 0x1010, stack: [Self.at(0x2010), 3, Self.at(0x2810)]))
    }
}
