import ByteAccess
import PerfRecords
import Unwinding

/// A process with one image whose code and frames are laid out by hand, and memory without a file behind it.
///
/// The image is linked at 0x1000, its file has that byte at 0x400, and it is loaded at 0x5555_0000_1000.
struct HandmadeProcess {
    static let linked: UInt64 = 0x1000
    static let size = 0x3000
    static let load: UInt64 = 0x5555_0000_0000
    /// Executable memory without a file.
    static let anonymous: Range<UInt64> = 0x6000_0000_0000..<0x6000_0001_0000
    static let stackPointer: UInt64 = 0x7FFF_FFFF_E000

    var architecture = Architecture.x86_64
    var code: [UInt8] = Array(repeating: 0x90, count: HandmadeProcess.size)
    var frames = FrameBuilder()
    var hasFrames = true
    var hasHeader = false
    var goFunctionTable: [UInt8]?
    /// Bytes of a second image, linked and loaded the same way 0x10_0000 above.
    var otherCode: [UInt8]?

    /// Puts a direct call there whose return address is `end`.
    mutating func call(endingAt end: UInt64, target: UInt64 = 0x1000) {
        switch architecture {
        case .x86_64:
            place([0xE8], at: end - 5)
            code.store(Int32(truncatingIfNeeded: Int64(target) - Int64(end)), at: Int(end - Self.linked) - 4)
        case .arm64:
            let words = UInt32(truncatingIfNeeded: (Int64(target) - Int64(end - 4)) / 4)
            code.store(0x9400_0000 | words & 0x03FF_FFFF, at: Int(end - Self.linked) - 4)
        }
    }

    mutating func place(_ bytes: [UInt8], at address: UInt64) {
        for (index, byte) in bytes.enumerated() { code[Int(address - Self.linked) + index] = byte }
    }

    var sections: UnwindSections {
        var sections = UnwindSections()
        if hasFrames {
            let section = UnwindSections.Section(address: frames.address, bytes: frames.bytes)
            if frames.section == .ehFrame { sections.exceptionFrames = section } else { sections.debugFrames = section }
            if hasHeader { sections.exceptionFrameHeader = .init(address: 0x7000, bytes: frames.header(at: 0x7000)) }
        }
        if let goFunctionTable { sections.goFunctionTable = .init(address: 0x9000, bytes: goFunctionTable) }
        sections.code = [.init(address: Self.linked, bytes: code)]
        sections.segments = [.init(fileOffset: 0x400, virtualAddress: Self.linked, fileSize: UInt64(code.count))]
        return sections
    }

    var map: CodeMap {
        let start = Self.load + Self.linked
        let bias = 0x400 &- start
        var mappings = [
            CodeMap.Mapping(start: start, end: start + UInt64(Self.size), bias: bias, image: 0),
            .init(start: Self.anonymous.lowerBound, end: Self.anonymous.upperBound, bias: 0, image: -1),
        ]
        if otherCode != nil {
            mappings.append(
                .init(
                    start: start + 0x10_0000, end: start + 0x10_0000 + UInt64(Self.size), bias: bias &- 0x10_0000,
                    image: 1))
        }
        return CodeMap(mappings)
    }

    /// A place in the process by its linked address.
    static func at(_ address: UInt64) -> UInt64 { load + address }

    /// Where a word of the stack lies.
    static func place(ofWord index: Int) -> UInt64 { stackPointer + 8 * UInt64(index) }

    /// What the kernel lays out above a program's first frame: two arguments, one variable, AT_PAGESZ and AT_NULL.
    static func arguments(at place: UInt64) -> [UInt64] {
        [2, place + 0x100, place + 0x108, 0, place + 0x110, 0, 6, 4096, 0, 0]
    }

    /// Unwinds from registers by DWARF number; the stack's words lie from `stackPointer` up. The instruction pointer is
    /// given as a linked address, the frames come back as such.
    func unwind(at address: UInt64, _ registers: [Int: UInt64] = [:], stack: [UInt64], gap: StackGap? = nil) -> Answer {
        var file = RegisterFile(architecture)
        file.instructionPointer = Self.at(address)
        file.stackPointer = Self.stackPointer
        for (number, value) in registers { file[dwarf: number] = value }
        let image = UnwindImage(architecture: architecture, sections: sections, name: "handmade")
        var other: UnwindImage?
        if let otherCode {
            var copy = HandmadeProcess(architecture: architecture)
            copy.code = otherCode
            copy.hasFrames = false
            other = UnwindImage(architecture: architecture, sections: copy.sections, name: "other")
        }
        var unwinder = Unwinder(architecture: architecture) { $0 == 0 ? image : other }
        var record: [UInt8] = [1, 2, 3, 4]
        for word in stack { record.store(word) }
        let map = map
        var frames: [UnwoundFrame] = []
        let end = record.withUnsafeBytes {
            unwinder.unwind(file, stack: 4..<record.count, gap: gap, in: $0.bytes, code: map, into: &frames)
        }
        // Warm rules must say what cold ones said.
        var again: [UnwoundFrame] = []
        let warmEnd = record.withUnsafeBytes {
            unwinder.unwind(file, stack: 4..<record.count, gap: gap, in: $0.bytes, code: map, into: &again)
        }
        return Answer(
            addresses: frames.map { $0.address &- Self.load }, exact: frames.map { !$0.isReturnAddress }, end: end,
            isSameWarm: again == frames && warmEnd == end, problem: image.problem)
    }

    struct Answer {
        var addresses: [UInt64]
        var exact: [Bool]
        var end: UnwindEnd
        var isSameWarm: Bool
        var problem: UnwindError?
    }
}

/// Call frame instructions, named as in DWARF 5 section 6.4.2.
enum CFA {
    static func advance(_ delta: UInt8) -> [UInt8] { [0x40 | delta] }
    static func offset(_ register: UInt8, _ factored: UInt64) -> [UInt8] {
        [0x80 | register] + FrameBuilder.uleb(factored)
    }
    static func defCFA(_ register: UInt64, _ offset: UInt64) -> [UInt8] {
        [0x0C] + FrameBuilder.uleb(register) + FrameBuilder.uleb(offset)
    }
    static func defCFAOffset(_ offset: UInt64) -> [UInt8] { [0x0E] + FrameBuilder.uleb(offset) }
    static func defCFARegister(_ register: UInt64) -> [UInt8] { [0x0D] + FrameBuilder.uleb(register) }
    static func undefined(_ register: UInt64) -> [UInt8] { [0x07] + FrameBuilder.uleb(register) }
    static func register(_ register: UInt64, _ other: UInt64) -> [UInt8] {
        [0x09] + FrameBuilder.uleb(register) + FrameBuilder.uleb(other)
    }
    static func defCFAExpression(_ expression: [UInt8]) -> [UInt8] {
        [0x0F] + FrameBuilder.uleb(UInt64(expression.count)) + expression
    }
    static func expression(_ register: UInt64, _ expression: [UInt8]) -> [UInt8] {
        [0x10] + FrameBuilder.uleb(register) + FrameBuilder.uleb(UInt64(expression.count)) + expression
    }
}
