/// One frame of an unwound stack.
public struct UnwoundFrame: Hashable, Sendable {
    /// Absolute, in the process.
    public var address: UInt64
    /// The frame called something and the call ends at the address: the line that called is that of the byte before.
    /// The innermost frame and one that a signal interrupted are at their address instead.
    public var isReturnAddress: Bool

    package init(address: UInt64, isReturnAddress: Bool) {
        self.address = address
        self.isReturnAddress = isReturnAddress
    }
}

/// How the unwinding of one stack ended.
public enum UnwindEnd: Hashable, Sendable {
    /// At the frame that nothing called.
    case outermost
    /// Before that, and why.
    case truncated(TruncationReason)
}

/// Why a stack was left before its outermost frame.
public enum TruncationReason: Hashable, Sendable {
    /// The next frame lies beyond the bytes that were dumped.
    case dumpTooSmall
    /// Nothing describes the frame, and it has no frame pointer that proves itself.
    case noUnwindInformation
    /// What describes the frame is broken, or needs a register that is not known.
    case badUnwindInformation
    /// A frame that does not lie above the one that it called, or memory that is no part of the stack.
    case badMemory
    /// A return address that no call precedes: what it came from was not its place.
    case notACall
    /// An address outside the executable mappings.
    case unmapped
    /// More frames than are unwound.
    case tooDeep
    /// The sample has no instruction or stack pointer.
    case noRegisters
}
