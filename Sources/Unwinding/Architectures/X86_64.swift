internal import ByteAccess

/// x86-64 facts that unwinding needs. DWARF register numbers: System V AMD64 psABI, figure 3.36.
enum X86_64 {
    static var registerCount: Int { 17 }
    /// rip, which is also the column of the return address.
    static var instructionPointer: Int { 16 }
    static var stackPointer: Int { 7 }
    static var framePointer: Int { 6 }
    static var calleeSavedCount: Int { 6 }
    static var calleeSavedMask: UInt64 { 0xF048 }
    static var instructionSize: Int { 1 }

    /// rbx, rbp, r12 to r15.
    @inline(__always)
    static func calleeSaved(_ index: Int) -> Int { index < 2 ? 3 &+ 3 &* index : 10 &+ index }

    /// The DWARF number of PERF_REG_X86_* (`arch/x86/include/uapi/asm/perf_regs.h`).
    static func register(ofPerf bit: Int) -> Int? {
        switch bit {
        case 0: 0  // ax
        case 1: 3  // bx
        case 2: 2  // cx
        case 3: 1  // dx
        case 4...7: bit  // si, di, bp, sp
        case 8: 16  // ip
        case 16...23: bit - 8  // r8 to r15
        default: nil
        }
    }

    // MARK: - Instructions

    /// E8 rel32, or FF /2 with any addressing mode (Intel SDM volume 2, CALL, and table 2-2). Prefixes precede these
    /// bytes.
    static func call(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction {
        var call = CallInstruction(target: nil, isIndirect: false)
        if code.load(UInt8.self, at: end &- 5) == 0xE8, let distance = code.load(Int32.self, at: end &- 4) {
            call.target = address &+ UInt64(end) &+ UInt64(bitPattern: Int64(distance))
        }
        for length in 2...7 where !call.isIndirect {
            guard code.load(UInt8.self, at: end &- length) == 0xFF,
                let modes = code.load(UInt8.self, at: end &- length &+ 1), modes >> 3 & 7 == 2
            else { continue }
            call.isIndirect = length == 2 &+ addressingSize(modes, code.load(UInt8.self, at: end &- length &+ 2))
        }
        return call
    }

    /// Number of bytes after the ModR/M byte: SIB and displacement.
    private static func addressingSize(_ modes: UInt8, _ next: UInt8?) -> Int {
        let (mod, rm) = (modes >> 6, modes & 7)
        let hasSIB = mod != 3 && rm == 4
        switch mod {
        case 0: return hasSIB ? (next.map { $0 & 7 } == 5 ? 5 : 1) : rm == 5 ? 4 : 0
        case 1: return hasSIB ? 2 : 1
        case 2: return hasSIB ? 5 : 4
        default: return 0
        }
    }

    /// `jmp *disp32(%rip)`, after an optional `endbr64` and `bnd`.
    static func isStub(at offset: Int, in code: [UInt8]) -> Bool {
        var place = offset
        if code.load(UInt32.self, at: place) == 0xFA1E_0FF3 { place &+= 4 }  // endbr64
        if code.load(UInt8.self, at: place) == 0xF2 { place &+= 1 }  // bnd
        return code.load(UInt16.self, at: place) == 0x25FF
    }

    static func isNoOperation(at offset: Int, in code: [UInt8]) -> Bool { code.load(UInt8.self, at: offset) == 0x90 }

    // MARK: - Signals

    /// `mov $15, %rax; syscall` or its 32-bit form.
    static func isSignalReturn(at offset: Int, in code: [UInt8]) -> Bool {
        if code.load(UInt64.self, at: offset) == 0x0F00_0000_0FC0_C748 {
            return code.load(UInt8.self, at: offset &+ 8) == 0x05
        }
        return code.load(UInt32.self, at: offset) == 0x0000_0FB8
            && code.load(UInt32.self, at: offset &+ 3) == 0x050F_0000
    }

    /// Sets where each register is saved, relative to the stack pointer, which points to the `ucontext`
    /// (`arch/x86/include/uapi/asm/sigcontext.h`).
    static func setInterruptedRegisters(_ row: inout UnwindRow) {
        let order = [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16]
        for (place, number) in order.enumerated() { row.set(number, .offset(Int64(40 + 8 * place))) }
    }

    // MARK: - Frames

    /// Go's frame: the return address, and the saved rbp below it.
    static func goRow(frameSize: Int64) -> UnwindRow {
        var row = UnwindRow(returnColumn: instructionPointer)
        row.frameAddress = .register(stackPointer, offset: frameSize + 8)
        row.set(row.returnColumn, .offset(-8))
        if frameSize >= 8 { row.set(framePointer, .offset(-16)) }
        return row
    }

    /// Registers in which a function that returns twice keeps its return address, so that a child sharing the stack
    /// cannot overwrite it: r12 (Go's `rawVforkSyscall`) and rdx (musl's `vfork`).
    static let returnAddressHolders = [12, 1]
}
