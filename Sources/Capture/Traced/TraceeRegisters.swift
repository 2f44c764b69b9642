import CPerfEvent

/// A stopped thread's registers, by names of the 64-bit interface.
struct TraceeRegisters {
    /// struct user_regs_struct of x86-64, of which the first 21 words are struct pt_regs; `nil` for 32-bit programs.
    let words: [UInt64]?
    let call: UInt64
    let result: Int64
    let instruction: UInt64
    let stack: UInt64
    /// The base of fs.
    let threadBase: UInt64
    /// Of the 64-bit interface.
    let arguments: (UInt64, UInt64)
    /// Of `int $0x80`: ebx, the first argument.
    let compatArgument: UInt64

    var is32Bit: Bool { words == nil }

    private static let count = 27
    /// The regset of 32-bit programs: 17 words of 4 bytes (struct user_regs_struct32).
    private static let compatSize = 68

    init?(of thread: Int32) {
        var words = [UInt64](repeating: 0, count: Self.count)
        let size = unsafe cperf_trace_registers(thread, &words, words.count)
        if size == Int32(Self.count * 8) {
            self.words = words
            call = words[15]
            result = Int64(bitPattern: words[10])
            instruction = words[16]
            stack = words[19]
            threadBase = words[21]
            arguments = (words[14], words[13])
            compatArgument = words[5]
        } else if size == Int32(Self.compatSize) {
            func word(_ index: Int) -> UInt64 { words[index / 2] >> (index % 2 == 0 ? 0 : 32) & 0xffff_ffff }
            self.words = nil
            call = word(11)
            result = Int64(Int32(truncatingIfNeeded: word(6)))
            instruction = word(12)
            stack = word(15)
            threadBase = 0
            arguments = (0, 0)
            compatArgument = word(0)
        } else {
            return nil
        }
    }

    /// What the call that a thread is in asked for, if it creates a process or thread (clone(2)); `nil` for others.
    /// `thread`: whose memory has the arguments of clone3.
    func creationFlags(of thread: Int32) -> UInt64? {
        let flags: UInt64? =
            switch (call, is32Bit) {
            case (56, false): arguments.0
            case (57, false), (2, _): 0
            case (58, false), (190, _): 0x4100  // CLONE_VM and CLONE_VFORK
            // struct clone_args begins with the flags.
            case (435, false): Tracee.word(of: thread, at: arguments.0)
            case (435, true): Tracee.word(of: thread, at: compatArgument)
            // The numbers of the 32-bit interface name nothing that creates in the other one.
            case (120, _): compatArgument
            default: nil
            }
        // The lowest byte is a signal.
        return flags.map { $0 & ~0xff }
    }
}
