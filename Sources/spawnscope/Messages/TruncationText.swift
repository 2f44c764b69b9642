internal import Analysis
internal import Folding
internal import Unwinding

/// The message about stacks that do not reach their outermost frame.
enum TruncationText {
    /// One line; `nil` if unwinding truncated no stack. The kernel gives no reason for truncating its own callchains.
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
