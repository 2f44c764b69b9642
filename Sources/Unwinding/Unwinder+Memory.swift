extension Unwinder {
    /// Unwinds a stack whose memory is read on demand: of a stopped process, a core file, or a stack saved by another
    /// tool.
    ///
    ///     let (frames, end) = unwinder.unwind(registers, code: map) { address, count in
    ///         process.bytes(at: address, count: count)
    ///     }
    ///
    /// - Parameters:
    ///   - registers: those of the innermost frame; the instruction and stack pointers must be known.
    ///   - code: the executable mappings, with the image numbers that `loadImage` is called with.
    ///   - mostBytes: the most bytes of stack that are read, from the stack pointer up.
    ///   - readMemory: returns the bytes from an address up, as many as requested, or fewer if there are no more.
    /// - Returns: the frames, innermost first, and why unwinding ended.
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
            // Most stacks end in the first piece. A longer one is read again, four times as far.
            guard end == .truncated(.dumpTooSmall), stack.count >= wanted, wanted < mostBytes else {
                return (frames, end)
            }
            wanted = min(wanted * 4, mostBytes)
        }
    }

    private static let firstPiece = 16 << 10
}
