/// One step from a frame to its caller, in the form that is cached and executed: 40 bytes without references, so that a
/// frame costs one lookup and a few loads.
struct UnwindRule: BitwiseCopyable {
    enum Kind: UInt8 {
        /// `cfa = *(register) + offset`; return address and callee-saved registers lie at the CFA plus small offsets.
        case common
        /// Anything else that call frame information can express: the image's row is evaluated instead.
        case general
        /// No call frame information covers the address.
        case uncovered
        /// The return address is undefined: nothing called this frame.
        case outermost
        /// Call frame information covers the address but is broken.
        case broken
    }

    var kind: Kind
    /// DWARF number of the register that the CFA is computed from.
    var frameRegister: UInt8 = 0
    /// DWARF number of the register that holds the return address, or `inMemory`.
    var returnRegister: UInt8 = UnwindRule.inMemory
    /// For a return address: whether it follows a call instruction, or this cannot be checked.
    var isAfterCall = false
    /// Whether a signal built the frame.
    var isSignalFrame = false
    /// Whether a goroutine's outermost function returns here, a place that no call precedes.
    var isGoroutineEnd = false
    /// Whether the code is Go's, which keeps frame pointers and marks where stacks begin.
    var isGo = false
    /// Where the return address is saved, in words from the CFA.
    var returnOffset: Int16 = 0
    /// One bit per callee-saved register (by `Architecture.calleeSaved`) that is saved in memory.
    var savedMask: UInt16 = 0
    /// Offset of the CFA from `frameRegister`, in bytes.
    var frameOffset: Int32 = 0
    /// Where each callee-saved register is saved, in words from the CFA.
    var savedOffsets = InlineArray<12, Int16>(repeating: 0)

    static let inMemory: UInt8 = 0xFF

    init(_ kind: Kind) { self.kind = kind }

    /// Compiles a row.
    init(_ row: UnwindRow, architecture: Architecture) {
        self.init(.common)
        isSignalFrame = row.isSignalFrame
        guard compile(row, architecture) else {
            kind = .general
            return
        }
    }

    private mutating func compile(_ row: UnwindRow, _ architecture: Architecture) -> Bool {
        // The return address comes first: if undefined, the stack ends, whatever the CFA.
        switch row.rule(row.returnColumn) {
        case .undefined:
            kind = .outermost
            return true
        case .offset(let offset):
            guard let words = Self.words(offset) else { return false }
            returnOffset = words
        case .register(let register):
            guard let number = UInt8(exactly: register), number != Self.inMemory else { return false }
            returnRegister = number
        case .unspecified, .sameValue:
            // On arm64 it is still in x30; x86-64 has no such register.
            guard let link = architecture.linkRegister, row.returnColumn == link else { return false }
            returnRegister = UInt8(link)
        default: return false
        }
        guard !row.isSignalFrame, case .register(let register, let offset) = row.frameAddress,
            let frameRegister = UInt8(exactly: register), let frameOffset = Int32(exactly: offset)
        else { return false }
        self.frameRegister = frameRegister
        self.frameOffset = frameOffset
        let saved = architecture.calleeSavedMask
        for column in 0..<architecture.registerCount where column != row.returnColumn {
            let isSaved = saved & (1 << UInt64(column)) != 0
            switch row.rule(column) {
            case .unspecified: break
            case .undefined where !isSaved: break
            case .sameValue where isSaved: break
            case .valueOffset(0) where column == architecture.stackPointer: break
            case .offset where isSaved: break
            default: return false
            }
        }
        for index in 0..<architecture.calleeSavedCount {
            if case .offset(let offset) = row.rule(architecture.calleeSaved(index)) {
                guard let words = Self.words(offset) else { return false }
                savedOffsets[index] = words
                savedMask |= 1 << UInt16(index)
            }
        }
        return true
    }

    private static func words(_ offset: Int64) -> Int16? {
        offset & 7 == 0 ? Int16(exactly: offset / 8) : nil
    }
}
