/// An instruction set, with what its ABI says about registers. Registers go by their DWARF numbers: System V AMD64 psABI
/// figure 3.36, and DWARF for the Arm 64-bit Architecture (AADWARF64) section 4.1.
public enum Architecture: Sendable, Hashable {
    /// x86-64, the System V ABI.
    case x86_64
    /// arm64 (AArch64), little-endian.
    case arm64
}

/// Which of the facts in X86_64.swift and ARM64.swift hold.
extension Architecture {
    /// Registers are numbered from 0 up to here; vector registers lie above and hold nothing that unwinding needs.
    var registerCount: Int { self == .x86_64 ? X86_64.registerCount : ARM64.registerCount }

    var instructionPointer: Int { self == .x86_64 ? X86_64.instructionPointer : ARM64.instructionPointer }

    var stackPointer: Int { self == .x86_64 ? X86_64.stackPointer : ARM64.stackPointer }

    var framePointer: Int { self == .x86_64 ? X86_64.framePointer : ARM64.framePointer }

    /// Where a call leaves the address that it returns to; `nil` where it pushes it.
    var linkRegister: Int? { self == .x86_64 ? nil : ARM64.linkRegister }

    /// How many registers a called function gives back unchanged, the stack pointer apart.
    var calleeSavedCount: Int { self == .x86_64 ? X86_64.calleeSavedCount : ARM64.calleeSavedCount }

    /// The DWARF number of a callee-saved register.
    @inline(__always)
    func calleeSaved(_ index: Int) -> Int {
        self == .x86_64 ? X86_64.calleeSaved(index) : ARM64.calleeSaved(index)
    }

    /// One bit a callee-saved register, by DWARF number.
    var calleeSavedMask: UInt64 { self == .x86_64 ? X86_64.calleeSavedMask : ARM64.calleeSavedMask }

    /// The smallest instruction, in bytes.
    var instructionSize: Int { self == .x86_64 ? X86_64.instructionSize : ARM64.instructionSize }

    /// A return address without a signature of pointer authentication.
    @inline(__always)
    func strippedAddress(_ address: UInt64) -> UInt64 {
        self == .x86_64 ? address : ARM64.strippedAddress(address)
    }

    /// The DWARF number of a register of perf's; `nil` for those that unwinding does not need.
    func register(ofPerf bit: Int) -> Int? {
        self == .x86_64 ? X86_64.register(ofPerf: bit) : ARM64.register(ofPerf: bit)
    }

    /// The call before `end`, an offset in `code`, whose first byte is linked at `address`; `nil` where no bytes read as one.
    func call(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction? {
        let call =
            self == .x86_64
            ? X86_64.call(before: end, in: code, at: address) : ARM64.call(before: end, in: code, at: address)
        return call.target != nil || call.isIndirect ? call : nil
    }

    /// Whether the bytes at `offset` are a stub of the procedure linkage table: a jump through memory, to wherever the
    /// dynamic linker bound it.
    func isStub(at offset: Int, in code: [UInt8]) -> Bool {
        self == .x86_64 ? X86_64.isStub(at: offset, in: code) : ARM64.isStub(at: offset, in: code)
    }

    func isNoOperation(at offset: Int, in code: [UInt8]) -> Bool {
        self == .x86_64 ? X86_64.isNoOperation(at: offset, in: code) : ARM64.isNoOperation(at: offset, in: code)
    }

    /// Whether a signal handler returns to the bytes at `offset` in a libc without call frame information (musl, Go): the
    /// system call `rt_sigreturn` and no more.
    func isSignalReturn(at offset: Int, in code: [UInt8]) -> Bool {
        self == .x86_64 ? X86_64.isSignalReturn(at: offset, in: code) : ARM64.isSignalReturn(at: offset, in: code)
    }

    /// The row of such a place: the interrupted registers lie in a `ucontext` on the stack.
    var signalRow: UnwindRow {
        var row = UnwindRow(returnColumn: instructionPointer)
        row.isSignalFrame = true
        row.frameAddress = .register(stackPointer, offset: 0)
        switch self {
        case .x86_64: X86_64.setInterruptedRegisters(&row)
        case .arm64: ARM64.setInterruptedRegisters(&row)
        }
        return row
    }

    /// The frame that Go's compiler and assembler lay out.
    func goRow(frameSize: Int64) -> UnwindRow {
        self == .x86_64 ? X86_64.goRow(frameSize: frameSize) : ARM64.goRow(frameSize: frameSize)
    }
}
