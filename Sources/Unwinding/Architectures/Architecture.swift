/// An instruction set and its ABI's register conventions. Registers have their DWARF numbers: System V AMD64 psABI
/// figure 3.36, and DWARF for the Arm 64-bit Architecture (AADWARF64) section 4.1.
public enum Architecture: Sendable, Hashable {
    /// x86-64, the System V ABI.
    case x86_64
    /// arm64 (AArch64), little-endian.
    case arm64
}

/// Selects between the facts in X86_64.swift and ARM64.swift.
extension Architecture {
    /// The number of registers tracked, from DWARF number 0 up. Vector registers have higher numbers and are not
    /// needed.
    var registerCount: Int { self == .x86_64 ? X86_64.registerCount : ARM64.registerCount }

    var instructionPointer: Int { self == .x86_64 ? X86_64.instructionPointer : ARM64.instructionPointer }

    var stackPointer: Int { self == .x86_64 ? X86_64.stackPointer : ARM64.stackPointer }

    var framePointer: Int { self == .x86_64 ? X86_64.framePointer : ARM64.framePointer }

    /// The register in which a call leaves the return address; `nil` if the call pushes it.
    var linkRegister: Int? { self == .x86_64 ? nil : ARM64.linkRegister }

    /// How many registers are callee-saved, not counting the stack pointer.
    var calleeSavedCount: Int { self == .x86_64 ? X86_64.calleeSavedCount : ARM64.calleeSavedCount }

    /// The DWARF number of a callee-saved register.
    @inline(__always)
    func calleeSaved(_ index: Int) -> Int {
        self == .x86_64 ? X86_64.calleeSaved(index) : ARM64.calleeSaved(index)
    }

    /// One bit per callee-saved register, by DWARF number.
    var calleeSavedMask: UInt64 { self == .x86_64 ? X86_64.calleeSavedMask : ARM64.calleeSavedMask }

    /// The size of the smallest instruction, in bytes.
    var instructionSize: Int { self == .x86_64 ? X86_64.instructionSize : ARM64.instructionSize }

    /// A return address, with any pointer authentication code removed.
    @inline(__always)
    func strippedAddress(_ address: UInt64) -> UInt64 {
        self == .x86_64 ? address : ARM64.strippedAddress(address)
    }

    /// The DWARF number of a perf register; `nil` for registers that unwinding does not need.
    func register(ofPerf bit: Int) -> Int? {
        self == .x86_64 ? X86_64.register(ofPerf: bit) : ARM64.register(ofPerf: bit)
    }

    /// The call instruction that ends at offset `end` of `code`, whose first byte is linked at `address`; `nil` if the
    /// bytes there do not decode as a call.
    func call(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction? {
        let call =
            self == .x86_64
            ? X86_64.call(before: end, in: code, at: address) : ARM64.call(before: end, in: code, at: address)
        return call.target != nil || call.isIndirect ? call : nil
    }

    /// Whether the bytes at `offset` are a stub of the procedure linkage table: a jump through a slot that the dynamic
    /// linker fills.
    func isStub(at offset: Int, in code: [UInt8]) -> Bool {
        self == .x86_64 ? X86_64.isStub(at: offset, in: code) : ARM64.isStub(at: offset, in: code)
    }

    func isNoOperation(at offset: Int, in code: [UInt8]) -> Bool {
        self == .x86_64 ? X86_64.isNoOperation(at: offset, in: code) : ARM64.isNoOperation(at: offset, in: code)
    }

    /// Whether the bytes at `offset` are a signal trampoline of a libc without call frame information (musl, Go): the
    /// system call `rt_sigreturn` and nothing else.
    func isSignalReturn(at offset: Int, in code: [UInt8]) -> Bool {
        self == .x86_64 ? X86_64.isSignalReturn(at: offset, in: code) : ARM64.isSignalReturn(at: offset, in: code)
    }

    /// The row of a signal trampoline: the interrupted registers are in a `ucontext` on the stack.
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

    /// The row of a frame that Go's compiler or assembler laid out; `frameSize` in bytes.
    func goRow(frameSize: Int64) -> UnwindRow {
        self == .x86_64 ? X86_64.goRow(frameSize: frameSize) : ARM64.goRow(frameSize: frameSize)
    }
}
