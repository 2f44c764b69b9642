/// An instruction set, with what its ABI says about registers. Registers go by their DWARF numbers: System V AMD64 psABI
/// figure 3.36, and DWARF for the Arm 64-bit Architecture (AADWARF64) section 4.1.
public enum Architecture: Sendable, Hashable {
    /// x86-64, the System V ABI.
    case x86_64
    /// arm64 (AArch64), little-endian.
    case arm64

    /// Registers are numbered from 0 up to here; vector registers lie above and hold nothing that unwinding needs.
    var registerCount: Int { self == .x86_64 ? 17 : 33 }

    /// The program counter. x86-64's is also the column of the return address.
    var instructionPointer: Int { self == .x86_64 ? 16 : 32 }

    var stackPointer: Int { self == .x86_64 ? 7 : 31 }

    var framePointer: Int { self == .x86_64 ? 6 : 29 }

    /// arm64's x30, where a call leaves the address that it returns to; x86-64 pushes it.
    var linkRegister: Int? { self == .x86_64 ? nil : 30 }

    /// How many registers a called function gives back unchanged, the stack pointer apart.
    var calleeSavedCount: Int { self == .x86_64 ? 6 : 12 }

    /// The DWARF number of a callee-saved register: rbx, rbp, r12 to r15; x19 to x30.
    @inline(__always)
    func calleeSaved(_ index: Int) -> Int {
        switch self {
        case .x86_64: index < 2 ? 3 &+ 3 &* index : 10 &+ index
        case .arm64: 19 &+ index
        }
    }

    /// One bit a callee-saved register, by DWARF number.
    var calleeSavedMask: UInt64 { self == .x86_64 ? 0xF048 : 0x7FF8_0000 }

    /// The smallest instruction, in bytes.
    var instructionSize: Int { self == .x86_64 ? 1 : 4 }

    /// A return address without the signature that pointer authentication puts above bit 47 of a user address.
    @inline(__always)
    func strippedAddress(_ address: UInt64) -> UInt64 { self == .x86_64 ? address : address & 0xFFFF_FFFF_FFFF }
}
