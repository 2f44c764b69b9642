/// One frame of an unwound stack.
public struct UnwoundFrame: Hashable, Sendable {
    /// The absolute address in the process.
    public var address: UInt64
    /// Whether `address` is a return address: the frame's call ends there, so its source line is that of the byte
    /// before. Otherwise `address` is an instruction itself, as in the innermost frame and in one that a signal
    /// interrupted.
    public var isReturnAddress: Bool

    package init(address: UInt64, isReturnAddress: Bool) {
        self.address = address
        self.isReturnAddress = isReturnAddress
    }
}

/// How the unwinding of one stack ended.
public enum UnwindEnd: Hashable, Sendable {
    /// At the outermost frame, which nothing called.
    case outermost
    /// Before the outermost frame, for this reason.
    case truncated(TruncationReason)
}

/// Why unwinding ended before the outermost frame.
public enum TruncationReason: Hashable, Sendable {
    /// The next frame lies beyond the bytes that were dumped.
    case dumpTooSmall
    /// Nothing describes the frame, and it has no frame pointer that can be verified.
    case noUnwindInformation
    /// The frame's unwind information is broken, or needs a register that is not known.
    case badUnwindInformation
    /// A frame that is not above the one that it called, or an address that is not on the stack.
    case badMemory
    /// A return address that no call precedes, so it was read from the wrong place.
    case notACall
    /// An address outside the executable mappings.
    case unmapped
    /// More than 1,024 frames, or more than 16 signal frames.
    case tooDeep
    /// The sample has no instruction or stack pointer.
    case noRegisters
}
