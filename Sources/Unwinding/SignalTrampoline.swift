internal import ByteAccess

/// Where a signal handler returns to in a libc without call frame information (musl, Go): the system call
/// `rt_sigreturn` and no more.
enum SignalTrampoline {
    /// `mov $15, %rax; syscall` or its 32-bit form; on arm64 `mov x8, #139; svc #0`.
    static func isOne(at offset: Int, in code: [UInt8], architecture: Architecture) -> Bool {
        switch architecture {
        case .x86_64:
            if code.load(UInt64.self, at: offset) == 0x0F00_0000_0FC0_C748 {
                return code.load(UInt8.self, at: offset &+ 8) == 0x05
            }
            return code.load(UInt32.self, at: offset) == 0x0000_0FB8
                && code.load(UInt32.self, at: offset &+ 3) == 0x050F_0000
        case .arm64:
            return code.load(UInt64.self, at: offset) == 0xD400_0001_D280_1168
        }
    }

    /// The interrupted registers lie in a `ucontext` at the stack pointer (on arm64 behind a `siginfo` of 128 bytes);
    /// `arch/x86/include/uapi/asm/sigcontext.h` and `arch/arm64/include/uapi/asm/sigcontext.h`.
    static func row(_ architecture: Architecture) -> UnwindRow {
        var row = UnwindRow(returnColumn: architecture.instructionPointer)
        row.isSignalFrame = true
        row.frameAddress = .register(architecture.stackPointer, offset: 0)
        switch architecture {
        case .x86_64:
            let order = [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16]
            for (place, number) in order.enumerated() { row.set(number, .offset(Int64(40 + 8 * place))) }
        case .arm64:
            // siginfo; flags, link, stack and signal mask of the ucontext; the fault address.
            for number in 0..<33 { row.set(number, .offset(Int64(128 + 168 + 8 + 8 + 8 * number))) }
        }
        return row
    }
}
