internal import ByteAccess

/// arm64 facts that unwinding needs. DWARF register numbers: DWARF for the Arm 64-bit Architecture (AADWARF64), section
/// 4.1.
enum ARM64 {
    static var registerCount: Int { 33 }
    static var instructionPointer: Int { 32 }
    static var stackPointer: Int { 31 }
    static var framePointer: Int { 29 }
    /// x30, in which a call leaves the return address.
    static var linkRegister: Int { 30 }
    static var calleeSavedCount: Int { 12 }
    static var calleeSavedMask: UInt64 { 0x7FF8_0000 }
    static var instructionSize: Int { 4 }

    /// x19 to x30.
    @inline(__always)
    static func calleeSaved(_ index: Int) -> Int { 19 &+ index }

    /// A return address without the signature that pointer authentication puts above bit 47 of a user address.
    @inline(__always)
    static func strippedAddress(_ address: UInt64) -> UInt64 { address & 0xFFFF_FFFF_FFFF }

    /// The DWARF number of PERF_REG_ARM64_* (`arch/arm64/include/uapi/asm/perf_regs.h`), which is identical.
    static func register(ofPerf bit: Int) -> Int? { 0...32 ~= bit ? bit : nil }

    // MARK: - Instructions

    /// BL, BLR and its authenticating forms (Arm Architecture Reference Manual, C6.2).
    static func call(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction {
        var call = CallInstruction(target: nil, isIndirect: false)
        guard let word = code.load(UInt32.self, at: end &- 4) else { return call }
        if word & 0xFC00_0000 == 0x9400_0000 {
            let words = Int64(Int32(bitPattern: word << 6) >> 6)
            call.target = address &+ UInt64(end) &- 4 &+ UInt64(bitPattern: words &* 4)
        }
        call.isIndirect =
            word & 0xFFFF_FC1F == 0xD63F_0000 || word & 0xFFFF_F800 == 0xD73F_0800 || word & 0xFFFF_F81F == 0xD63F_081F
        return call
    }

    /// `adrp x16, …`, after an optional `bti c`.
    static func isStub(at offset: Int, in code: [UInt8]) -> Bool {
        var place = offset
        if code.load(UInt32.self, at: place) == 0xD503_245F { place &+= 4 }  // bti c
        guard let page = code.load(UInt32.self, at: place) else { return false }
        return page & 0x9F00_001F == 0x9000_0010
    }

    /// `nop`, or `mov x0, x0`.
    static func isNoOperation(at offset: Int, in code: [UInt8]) -> Bool {
        [0xD503_201F, 0xAA00_03E0].contains(code.load(UInt32.self, at: offset) ?? 0)
    }

    // MARK: - Signals

    /// `mov x8, #139; svc #0`.
    static func isSignalReturn(at offset: Int, in code: [UInt8]) -> Bool {
        code.load(UInt64.self, at: offset) == 0xD400_0001_D280_1168
    }

    /// Sets where each register is saved, relative to the stack pointer: after a `siginfo` of 128 bytes come the
    /// `ucontext`'s flags, link, stack and signal mask, padding, and the fault address
    /// (`arch/arm64/include/uapi/asm/sigcontext.h`).
    static func setInterruptedRegisters(_ row: inout UnwindRow) {
        for number in 0..<registerCount { row.set(number, .offset(Int64(128 + 168 + 8 + 8 + 8 * number))) }
    }

    // MARK: - Frames

    /// Go's frame: the return address at the stack pointer, x29 below it.
    static func goRow(frameSize: Int64) -> UnwindRow {
        var row = UnwindRow(returnColumn: linkRegister)
        row.frameAddress = .register(stackPointer, offset: frameSize)
        if frameSize > 0 {
            row.set(linkRegister, .offset(-frameSize))
            row.set(framePointer, .offset(-frameSize - 8))
        }
        return row
    }
}
