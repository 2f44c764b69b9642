/// The call instruction that ends where a return address points. x86-64's bytes may read as a direct call and as an indirect one, the one
/// being part of the other's operands: then it may be either.
struct CallInstruction: Equatable {
    /// What it calls where it is a direct call; `nil` where it cannot be one.
    var target: UInt64?
    var isIndirect: Bool
}
