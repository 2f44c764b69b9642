internal import Analysis
internal import Folding
internal import Unwinding

/// What a fold says of stacks that do not reach their outermost frame.
enum TruncationText {
    /// One line; `nil` where no stack was unwound in vain. Callchains that the kernel took by frame pointers say nothing of why.
    static func line(_ notes: FoldNotes) -> String? {
        guard !notes.truncations.isEmpty else { return nil }
        let unwound = notes.truncations.sorted { ($1.value, words($0.key)) < ($0.value, words($1.key)) }
        let parts = unwound.map { "\($0.value) \(words($0.key))" }
        return "\(Quantity.truncated(notes.truncatedStacks, of: notes.counted)): \(parts.joined(separator: ", "))"
    }

    private static func words(_ reason: TruncationReason) -> String {
        switch reason {
        case .dumpTooSmall: "beyond the recorded piece of the stack (record with a larger --stack-size)"
        case .noUnwindInformation: "in code without unwind information"
        case .badUnwindInformation: "at damaged unwind information"
        case .badMemory: "at memory that is no stack"
        case .notACall: "at an address that nothing called"
        case .unmapped: "outside of the mapped code"
        case .tooDeep: "after \(Unwinder.mostFrames) frames"
        case .noRegisters: "without registers"
        }
    }
}
