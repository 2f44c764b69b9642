internal import ByteAccess

/// The general registers of one frame, those that are known. Inline storage: stepping from frame to frame allocates
/// nothing.
public struct RegisterFile: Sendable {
    /// arm64 has the most: x0 to x30, sp and pc.
    static let capacity = 33

    /// Whose registers they are.
    public let architecture: Architecture
    private var values = InlineArray<33, UInt64>(repeating: 0)
    /// One bit a register that is known, by DWARF number.
    private(set) var known: UInt64 = 0

    /// Registers none of which is known.
    public init(_ architecture: Architecture) { self.architecture = architecture }

    /// The register with a DWARF number; `nil` when it is not known or there is none of that number.
    public subscript(dwarf number: Int) -> UInt64? {
        @inline(__always) get {
            guard number >= 0, number < architecture.registerCount, known & (1 << UInt64(number)) != 0 else {
                return nil
            }
            return values[number]
        }
        @inline(__always) set {
            guard number >= 0, number < architecture.registerCount else { return }
            if let newValue {
                values[number] = newValue
                known |= 1 << UInt64(number)
            } else {
                known &= ~(1 << UInt64(number))
            }
        }
    }

    /// rip, or pc on arm64; `nil` where it is not known.
    public var instructionPointer: UInt64? {
        get { self[dwarf: architecture.instructionPointer] }
        set { self[dwarf: architecture.instructionPointer] = newValue }
    }

    /// rsp, or sp on arm64; `nil` where it is not known.
    public var stackPointer: UInt64? {
        get { self[dwarf: architecture.stackPointer] }
        set { self[dwarf: architecture.stackPointer] = newValue }
    }

    /// rbp, or x29 on arm64; `nil` where it is not known.
    public var framePointer: UInt64? {
        get { self[dwarf: architecture.framePointer] }
        set { self[dwarf: architecture.framePointer] = newValue }
    }

    /// What a call leaves of these registers is unknown from here on.
    @inline(__always)
    mutating func forgetCallerSaved() { known &= architecture.calleeSavedMask }

    /// From PERF_SAMPLE_REGS_USER: one `u64` a bit of `mask`, lowest first, in `record` from `values.lowerBound` on.
    /// The bits are PERF_REG_X86_* or PERF_REG_ARM64_* (`arch/*/include/uapi/asm/perf_regs.h`); bits of other registers
    /// are passed over. `nil` when the values end before the mask does.
    public init?(
        _ architecture: Architecture, perfMask mask: UInt64, values: Range<Int>, in record: borrowing RawSpan
    ) {
        self.init(architecture)
        let values = record.clamped(values)
        guard mask.nonzeroBitCount &* 8 <= values.count else { return nil }
        var rest = mask
        var offset = values.lowerBound
        while rest != 0 {
            guard let value = record.load(UInt64.self, at: offset) else { return nil }
            if let number = architecture.register(ofPerf: rest.trailingZeroBitCount) {
                self[dwarf: number] = value
            }
            rest &= rest &- 1
            offset &+= 8
        }
    }
}
