/// The call instruction that ends at a return address. On x86-64 the bytes may decode both as a direct and as an
/// indirect call, one being part of the other's operand; then both fields are set.
struct CallInstruction: Equatable {
    /// The target of a direct call; `nil` if it cannot be one.
    var target: UInt64?
    var isIndirect: Bool
}
