/// Finds the end of a main thread's stack in code without unwind information, such as musl's. The proof is what the
/// kernel placed above the first frame (x86-64 psABI figure 3.9): the arguments, the environment and the auxiliary
/// vector. The live part of a stack ends before them, where the recorder knew the arguments to begin.
extension Unwinder {
    /// The furthest that the arguments may be above the stack pointer, in words.
    private static let mostWords = 1 << 9
    /// The most words that are read to check what may be arguments.
    private static let mostLooks = 1 << 14
    private static let mostArguments: UInt64 = 1 << 12
    /// AT_PAGESZ of `linux/auxvec.h`, which the kernel passes to every program.
    private static let pageSize: UInt64 = 6
    /// Above every key of the auxiliary vector.
    private static let highestKey: UInt64 = 64

    /// Steps from a frame of which only the stack pointer is known. A caller would have left a return address between
    /// there and the arguments. If there is none, this frame is the outermost; if there is exactly one, it leads to the
    /// caller, which is the outermost.
    mutating func stepToProgramStart(
        _ registers: inout RegisterFile, _ memory: StackMemory, in record: borrowing RawSpan, code: borrowing CodeMap
    ) -> StepOutcome? {
        guard let stackPointer = registers.stackPointer, stackPointer & 7 == 0 else { return nil }
        var caller: (address: UInt64, stackPointer: UInt64)?
        var place = stackPointer
        var looks = Self.mostLooks
        for _ in 0..<Self.mostWords {
            guard let word = memory.word(at: place, in: record) else { return nil }
            let isLast = takesLiveStacks && memory.isLastWord(place) && 1...Self.mostArguments ~= word
            if isLast || Self.holdsArguments(word, at: place, memory, in: record, &looks) {
                guard let caller else { return .end(.outermost) }
                return enterCaller(
                    at: caller.address, stackPointer: caller.stackPointer, &registers, mayStay: false, isGo: false)
            }
            place &+= 8
            guard mayBeReturnAddress(architecture.strippedAddress(word), code) else { continue }
            guard caller == nil else { return nil }
            caller = (word, place)
        }
        return nil
    }

    /// Whether a frame may return to an address, as far as this can be checked.
    private mutating func mayBeReturnAddress(_ address: UInt64, _ code: borrowing CodeMap) -> Bool {
        guard address > 0, let index = code.index(containing: address &- 1, hint: &mappingHint) else { return false }
        let rule = rule(at: address, isReturnAddress: true, in: code.mappings[index])
        return rule.isAfterCall || rule.isSignalFrame
    }

    /// Whether a program's arguments begin at `place`, with their number `count` as the first word.
    private static func holdsArguments(
        _ count: UInt64, at place: UInt64, _ memory: StackMemory, in record: borrowing RawSpan, _ looks: inout Int
    ) -> Bool {
        guard count > 0, count <= mostArguments else { return false }
        var next = place &+ 8
        // Each argument's text lies above the one before it.
        var last = place
        for _ in 0..<count {
            guard let text = word(&next, memory, in: record, &looks), text > last else { return false }
            last = text
        }
        guard word(&next, memory, in: record, &looks) == 0 else { return false }
        // The environment's strings may be elsewhere, since programs change them.
        while let text = word(&next, memory, in: record, &looks), text != 0 {}
        var hasPageSize = false
        for _ in 0..<highestKey {
            guard let key = word(&next, memory, in: record, &looks), key < highestKey,
                let value = word(&next, memory, in: record, &looks)
            else { return false }
            if key == 0 { return hasPageSize }
            if key == pageSize { hasPageSize = value >= 4096 && value & (value &- 1) == 0 }
        }
        return false
    }

    private static func word(
        _ place: inout UInt64, _ memory: StackMemory, in record: borrowing RawSpan, _ looks: inout Int
    ) -> UInt64? {
        looks &-= 1
        guard looks >= 0 else { return nil }
        defer { place &+= 8 }
        return memory.word(at: place, in: record)
    }
}
