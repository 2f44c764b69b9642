import ByteAccess
import ELFImages
import Glibc
import PerfRecords
@testable import Symbolication
import TestSupport
import Testing
@testable import Unwinding

/// Go's stacks: by `.gopclntab` where there is nothing else.
@Suite struct GoTests {
    static func at(_ address: UInt64) -> UInt64 { HandmadeProcess.at(address) }

    /// Layouts by the release that began them: first word, size of a function's data up to its flags.
    enum Release: CaseIterable { case go116, go118, go120 }

    struct Function {
        var start: UInt64
        /// Pairs of frame size and where it ends.
        var sizes: [(Int64, UInt64)]
        var flags: UInt8 = 0
    }

    /// Lays the table out as the release's linker does; text begins at 0x1000.
    static func table(_ release: Release, _ functions: [Function], end: UInt64) -> [UInt8] {
        var programs: [UInt8] = [0]
        var data: [UInt8] = []
        var index: [UInt8] = []
        let entrySize = release == .go116 ? 16 : 8
        let indexSize = functions.count * entrySize + entrySize
        for function in functions {
            let program = programs.count
            var (last, pc): (Int64, UInt64) = (-1, function.start)
            for (size, end) in function.sizes {
                let delta = size - last
                programs += FrameBuilder.uleb(UInt64(bitPattern: delta << 1 ^ delta >> 63))
                programs += FrameBuilder.uleb(end - pc)
                (last, pc) = (size, end)
            }
            programs.append(0)
            let offset = indexSize + data.count
            if release == .go116 {
                index.store(function.start)
                index.store(UInt64(offset))
                data.store(function.start)
            } else {
                index.store(UInt32(function.start - 0x1000))
                index.store(UInt32(offset))
                data.store(UInt32(function.start - 0x1000))
            }
            for word in [0, 0, 0, UInt32(program), 0, 0, 0, 0] as [UInt32] { data.store(word) }
            if release == .go120 { data.store(UInt32(7)) }
            data += [9, function.flags, 0, 0]
        }
        if release == .go116 { index.store(end) } else { index.store(UInt32(end - 0x1000)) }
        while index.count < indexSize { index.append(0) }
        let header = release == .go116 ? 64 : 72
        var table: [UInt8] = []
        table.store([.go116: 0xFFFF_FFFA, .go118: 0xFFFF_FFF0, .go120: 0xFFFF_FFF1][release] ?? UInt32(0))
        table += [0, 0, 1, 8]
        table.store(UInt64(functions.count))
        table.store(UInt64(1))
        if release != .go116 { table.store(UInt64(0x1000)) }
        for _ in 0..<3 { table.store(UInt64(header)) }
        table.store(UInt64(header))
        table.store(UInt64(header + programs.count))
        return table + programs + index + data
    }

    /// `rawVforkSyscall` at 0x1000, its caller at 0x1100 with 0x18 bytes of frame, `goexit` at 0x1200.
    static func process(_ release: Release) -> HandmadeProcess {
        var process = HandmadeProcess()
        process.hasFrames = false
        process.goFunctionTable = table(
            release,
            [
                Function(start: 0x1000, sizes: [(0, 0x1008), (-8, 0x1040), (0, 0x1100)]),
                Function(start: 0x1100, sizes: [(0, 0x1102), (8, 0x1106), (0x18, 0x1200)]),
                Function(start: 0x1200, sizes: [(0, 0x1210)], flags: 1),
            ], end: 0x1210)
        process.call(endingAt: 0x1120, target: 0x1000)
        process.call(endingAt: 0x1206, target: 0x1100)
        return process
    }

    @Test(arguments: Release.allCases) func frameSizesOfTheTable(release: Release) {
        let process = Self.process(release)
        // A leaf without a frame; its caller's frame is known exactly, whatever rbp holds.
        let stack = [Self.at(0x1120), 1, 2, 0, Self.at(0x1201)]
        let answer = process.unwind(at: 0x1004, [6: 0x1234], stack: stack)
        #expect(answer.addresses == [0x1004, 0x1120, 0x1201])
        #expect(answer.end == .outermost)
        #expect(answer.isSameWarm)
        // In the caller's prologue, one word is on the stack.
        let prologue = process.unwind(at: 0x1103, stack: [0, Self.at(0x1201)])
        #expect(prologue.addresses == [0x1103, 0x1201])
        #expect(prologue.end == .outermost)
    }

    /// It holds its return address in r12 while the child runs on its stack.
    @Test(arguments: Release.allCases) func rawVforkSyscall(release: Release) {
        let process = Self.process(release)
        let stack = [1, 2, 0, Self.at(0x1201)]
        let answer = process.unwind(at: 0x1010, [12: Self.at(0x1120)], stack: stack)
        #expect(answer.addresses == [0x1010, 0x1120, 0x1201])
        #expect(answer.end == .outermost)
        // r12 behind a call of another function proves nothing.
        #expect(process.unwind(at: 0x1010, [12: Self.at(0x1206)], stack: stack).addresses == [0x1010])
        #expect(process.unwind(at: 0x1010, [12: 5], stack: stack).addresses == [0x1010])
    }

    @Test func anotherLayoutIsRefused() {
        var process = Self.process(.go120)
        process.goFunctionTable?[0] = 0xF2
        let answer = process.unwind(at: 0x1004, [6: 0], stack: [Self.at(0x1120), 1])
        #expect(answer.problem == .goFunctionTable(magic: 0xFFFF_FFF2))
        #expect(answer.addresses.first == 0x1004)
    }

    /// What Go's linker says twice, in `.debug_frame` and in `.gopclntab`, must be the same.
    @Test(.enabled(if: GoTests.program != nil || PerfPrivileges.areRequired, "needs the workload in Go"))
    func bothTablesOfARealProgram() throws {
        let file = try ELFFile(path: #require(Self.program))
        let sections = UnwindSections(file.unwindSections())
        var stripped = sections
        stripped.debugFrames = nil
        let (whole, other) = (
            UnwindImage(architecture: .x86_64, sections: sections, name: ""),
            UnwindImage(architecture: .x86_64, sections: stripped, name: "")
        )
        let text = try #require(sections.textAddress)
        var compared = 0
        for step in 0..<20_000 as Range<UInt64> {
            let address = text + step * 37
            guard case .success(let one)? = whole.row(at: address, isReturnAddress: false),
                case .success(let two)? = other.row(at: address, isReturnAddress: false)
            else { continue }
            #expect(one.origin == .frames && two.origin == .goFunctions)
            #expect(one.row.frameAddress == two.row.frameAddress)
            #expect(one.row.rule(16) == two.row.rule(16))
            compared += 1
        }
        #expect(compared > 15_000)
    }

    static let program = Workload.prebuilt("spawn_loop_go")
}
