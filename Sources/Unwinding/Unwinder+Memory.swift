extension Unwinder {
    /// Unwinds a stack that is read while it is unwound: of a process that stands still, a core file, a stack that another tool kept.
    ///
    ///     let (frames, end) = unwinder.unwind(registers, code: map) { address, count in
    ///         process.bytes(at: address, count: count)
    ///     }
    ///
    /// - Parameters:
    ///   - registers: of the innermost frame; the instruction pointer and the stack pointer must be known.
    ///   - code: what is mapped executable, with the number of its image by which the unwinder asks for it.
    ///   - mostBytes: of stack that are read, from the stack pointer up.
    ///   - readMemory: gives the bytes from an address up, as many as asked for, or fewer where there are no more.
    /// - Returns: the frames, innermost first, and why there are no more of them.
    public mutating func unwind(
        _ registers: RegisterFile, code: borrowing CodeMap, mostBytes: Int = 8 << 20,
        readMemory: (_ address: UInt64, _ count: Int) -> [UInt8]
    ) -> (frames: [UnwoundFrame], end: UnwindEnd) {
        var wanted = min(Self.firstPiece, mostBytes)
        while true {
            let stack = registers.stackPointer.map { readMemory($0, wanted) } ?? []
            var frames: [UnwoundFrame] = []
            let end = unsafe unwind(
                registers, stack: 0..<stack.count, in: stack.span.bytes, code: code, into: &frames)
            // A stack that goes on is read again, four times as far: most end in the first piece.
            guard end == .truncated(.dumpTooSmall), stack.count >= wanted, wanted < mostBytes else {
                return (frames, end)
            }
            wanted = min(wanted * 4, mostBytes)
        }
    }

    private static let firstPiece = 16 << 10
}
