internal import ByteAccess

/// The known general registers of one frame. Stored inline, so that stepping from frame to frame allocates nothing.
public struct RegisterFile: Sendable {
    /// arm64 has the most: x0 to x30, sp and pc.
    static let capacity = 33

    /// The architecture that the registers belong to.
    public let architecture: Architecture
    private var values = InlineArray<33, UInt64>(repeating: 0)
    /// One bit per known register, by DWARF number.
    private(set) var known: UInt64 = 0

    /// A register file in which no register is known.
    public init(_ architecture: Architecture) { self.architecture = architecture }

    /// The register with a DWARF number; `nil` if it is unknown or the number does not exist.
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

    /// rip, or pc on arm64; `nil` if unknown.
    public var instructionPointer: UInt64? {
        get { self[dwarf: architecture.instructionPointer] }
        set { self[dwarf: architecture.instructionPointer] = newValue }
    }

    /// rsp, or sp on arm64; `nil` if unknown.
    public var stackPointer: UInt64? {
        get { self[dwarf: architecture.stackPointer] }
        set { self[dwarf: architecture.stackPointer] = newValue }
    }

    /// rbp, or x29 on arm64; `nil` if unknown.
    public var framePointer: UInt64? {
        get { self[dwarf: architecture.framePointer] }
        set { self[dwarf: architecture.framePointer] = newValue }
    }

    /// Marks all registers but the callee-saved as unknown: a call may have changed them.
    @inline(__always)
    mutating func forgetCallerSaved() { known &= architecture.calleeSavedMask }

    /// The registers of PERF_SAMPLE_REGS_USER: one `u64` for each bit set in `mask`, lowest first, in `record` from
    /// `values.lowerBound` on. The bits are PERF_REG_X86_* or PERF_REG_ARM64_* (`arch/*/include/uapi/asm/perf_regs.h`);
    /// other registers are skipped. `nil` if `values` is too short for the mask.
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
