import ByteAccess
import ELFImages
import PerfRecords
@testable import Symbolication
import TestSupport
import Testing
@testable import Unwinding

/// Damage to real sections and to stacks: an answer every time, no trap, no endless loop.
@Suite struct HostileInputTests {
    private static let edges: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x0B, 0x0F, 0x10, 0x16, 0x04, 0x2F]

    private static func damage(_ bytes: inout [UInt8], _ random: inout Xorshift, most: Int) {
        guard !bytes.isEmpty else { return }
        for _ in 0...random.next(below: most) {
            let index = random.next(below: bytes.count)
            switch random.next(below: 6) {
            case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next(below: 256))
            case 1: bytes.store(random.extreme(), at: index)
            case 2: bytes.store(UInt32(truncatingIfNeeded: random.extreme()), at: index)
            default: bytes[index] = edges[random.next(below: edges.count)]
            }
        }
        if random.next(below: 20) == 0 { bytes.removeLast(random.next(below: bytes.count)) }
    }

    /// Part of a real section, since small inputs are damaged where it counts.
    private static func sample() throws -> UnwindSections {
        let file = try ELFFile(path: "/lib64/ld-linux-x86-64.so.2")
        let sections = UnwindSections(file.unwindSections())
        let kept = sections.exceptionFrames?.bytes.count ?? 0
        try #require(kept > 4000)
        return sections
    }

    @Test func damagedSections() throws {
        let sections = try Self.sample()
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        var kinds: Set<UInt8> = []
        let code = try #require(sections.code.first)
        for round in 0..<1500 {
            var damaged = sections
            if round % 3 != 0 { Self.damage(&damaged.exceptionFrames!.bytes, &random, most: 400) }
            if round % 3 != 1 { Self.damage(&damaged.exceptionFrameHeader!.bytes, &random, most: 4) }
            if round % 5 == 0 {
                damaged.debugFrames = damaged.exceptionFrames
                damaged.exceptionFrames = nil
            }
            if round % 7 == 0 { damaged.exceptionFrameHeader = nil }
            let image = UnwindImage(architecture: .x86_64, sections: damaged, name: "damaged")
            for _ in 0..<8 {
                let address = code.address &+ UInt64(random.next(below: Int(code.size)))
                kinds.insert(image.rule(at: address, isReturnAddress: random.next(below: 2) == 0).kind.rawValue)
            }
            _ = image.rule(at: random.extreme(), isReturnAddress: true)
        }
        // Damage is met, and what is whole is still found.
        #expect(kinds.contains(UnwindRule.Kind.broken.rawValue), "seed \(seed)")
        #expect(kinds.contains(UnwindRule.Kind.common.rawValue), "seed \(seed)")
    }

    /// Random instructions in one function's entry, and stacks of plausible and of senseless words.
    @Test func damagedStacksAndInstructions() throws {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        var ends: Set<UnwindEnd> = []
        for round in 0..<6000 {
            var process = round % 4 == 0 ? Arm64Tests.process() : RuleShapeTests.process(CFA.defCFAOffset(24))
            if round % 2 == 0 {
                Self.damage(&process.frames.bytes, &random, most: 6)
            } else {
                let instructions = (0..<12).map { _ in
                    Self.edges[random.next(below: Self.edges.count)] ^ UInt8(random.next(below: 8))
                }
                process.frames = FrameBuilder()
                let common = process.frames.common(CFA.defCFA(7, 8) + CFA.offset(16, 1))
                process.frames.function(common, start: 0x1000, size: 0x2000, instructions)
            }
            if round % 8 == 3 { process.hasFrames = false }
            let stack = (0..<random.next(below: 40)).map { _ -> UInt64 in
                switch random.next(below: 5) {
                case 0: random.extreme()
                case 1: HandmadeProcess.at(0x2010)
                case 2: HandmadeProcess.at(0x2810)
                case 3: HandmadeProcess.stackPointer &+ UInt64(random.next(below: 400))
                default: HandmadeProcess.at(0x1000) &+ UInt64(random.next(below: 0x3000))
                }
            }
            var registers: [Int: UInt64] = [:]
            for number in 0..<16 where random.next(below: 3) > 0 {
                registers[number] = stack.randomElement(using: &random) ?? 0
            }
            registers[7] = nil
            registers[process.architecture == .arm64 ? 29 : 6] =
                random.next(below: 2) == 0 ? random.extreme() : HandmadeProcess.stackPointer &+ 16
            let answer = process.unwind(at: 0x1000 + UInt64(random.next(below: 0x2000)), registers, stack: stack)
            #expect(answer.isSameWarm, "seed \(seed)")
            // A frame takes a word at least, signal frames apart.
            #expect(answer.addresses.count <= stack.count + 2 + 3 * 16, "seed \(seed)")
            ends.insert(answer.end)
        }
        #expect(ends.contains(.outermost), "seed \(seed)")
        #expect(ends.count >= 6, "seed \(seed): \(ends)")
    }

    /// Registers at the edges of the address space: sums wrap and nothing is read.
    @Test func extremeRegisters() {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        let map = CodeMap([.init(start: 0, end: .max, bias: random.extreme(), image: -1)])
        var unwinder = Unwinder(architecture: .x86_64) { _ in nil }
        var frames: [UnwoundFrame] = []
        for _ in 0..<10_000 {
            var registers = RegisterFile(.x86_64)
            for number in 0..<17 { registers[dwarf: number] = random.extreme() }
            var record: [UInt8] = []
            for _ in 0..<random.next(below: 20) { record.store(random.extreme()) }
            frames.removeAll(keepingCapacity: true)
            record.withUnsafeBytes {
                _ = unwinder.unwind(
                    registers, stack: 0..<random.next(below: 300), in: $0.bytes, code: map, into: &frames)
            }
            #expect(frames.count <= 30, "seed \(seed)")
        }
    }
}
