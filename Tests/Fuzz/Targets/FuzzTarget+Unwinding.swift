import ByteAccess
import PerfRecords
import Unwinding

extension FuzzTarget {
    /// Call frame information, its search table, code and a stack: unwound from several places.
    static let unwinding = FuzzTarget("unwinding", longest: 1 << 12) { bytes in
        let process = FuzzProcess(FuzzInput(bytes))
        for address in [0x1000, 0x1010, 0x1FFF, 0x2010, 0x3FFF] as [UInt64] { process.unwind(at: address) }
    }
}

/// A process with one image, linked at 0x1000 as its file has it at 0x400, whose sections and stack an input gives.
struct FuzzProcess {
    static let linked: UInt64 = 0x1000
    private static let size = 0x3000
    private static let load: UInt64 = 0x5555_0000_0000
    private static let stackPointer: UInt64 = 0x7FFF_FFFF_E000

    private let architecture: Architecture
    private var sections = UnwindSections()
    private let stack: [UInt8]
    var goFunctionTable: [UInt8]? {
        didSet { sections.goFunctionTable = goFunctionTable.map { .init(address: 0x9000, bytes: $0) } }
    }

    /// Flags (1 arm64, 2 `.debug_frame`, 4 a search table, 8 no code), the frames, the search table and the code as pieces; the rest
    /// is the stack. Code is no-ops behind its piece, with a call before each return address that the stack of a seed has.
    init(_ input: FuzzInput) {
        var input = input
        let flags = input.byte()
        architecture = flags & 1 == 0 ? .x86_64 : .arm64
        let frames = UnwindSections.Section(address: 0x8000, bytes: input.piece())
        if flags & 2 == 0 { sections.exceptionFrames = frames } else { sections.debugFrames = frames }
        let (table, code) = (input.piece(), input.piece())
        if flags & 4 != 0 { sections.exceptionFrameHeader = .init(address: 0x7000, bytes: table) }
        if flags & 8 == 0 { sections.code = [.init(address: Self.linked, bytes: Self.code(code, architecture))] }
        sections.segments = [.init(fileOffset: 0x400, virtualAddress: Self.linked, fileSize: UInt64(Self.size))]
        sections.textAddress = Self.linked
        sections.dataAddress = 0xA000
        stack = Array(input.rest)
    }

    private static func code(_ start: [UInt8], _ architecture: Architecture) -> [UInt8] {
        var code = Array(start.prefix(size))
        code += [UInt8](repeating: 0x90, count: size - code.count)
        // Ends at 0x2010 and 0x2810, and leads to 0x1000.
        for end in [0x1010, 0x1810] {
            switch architecture {
            case .x86_64:
                code[end - 5] = 0xE8
                code.store(Int32(-end), at: end - 4)
            case .arm64: code.store(0x9400_0000 | UInt32(bitPattern: Int32(4 - end) / 4) & 0x03FF_FFFF, at: end - 4)
            }
        }
        return code
    }

    /// The general registers are words of the stack.
    func unwind(at address: UInt64) {
        var words = FuzzInput(stack)
        var registers = RegisterFile(architecture)
        for number in 0..<(architecture == .x86_64 ? 16 : 31) where stack.count > 8 * number {
            registers[dwarf: number] = words.word()
        }
        registers.instructionPointer = Self.load &+ address
        registers.stackPointer = Self.stackPointer
        let image = UnwindImage(architecture: architecture, sections: sections, name: "input")
        var unwinder = Unwinder(architecture: architecture) { _ in image }
        let start = Self.load &+ Self.linked
        let map = CodeMap([
            .init(start: start, end: start &+ UInt64(Self.size), bias: 0x400 &- start, image: 0)
        ])
        var ends: [UnwindEnd] = []
        var found: [[UnwoundFrame]] = []
        for _ in 0..<2 {
            var frames: [UnwoundFrame] = []
            stack.withUnsafeBytes { record in
                ends.append(
                    unwinder.unwind(registers, stack: 0..<record.count, in: record.bytes, code: map, into: &frames))
            }
            found.append(frames)
        }
        precondition(found[0] == found[1] && ends[0] == ends[1], "warm rules say what cold ones said")
        precondition(found[0].count <= Unwinder.mostFrames)
        _ = image.problem
    }
}
