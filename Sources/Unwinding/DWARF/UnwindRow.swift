/// How one register of the caller is had (DWARF 5 section 6.4.1, "Register Rules").
enum RegisterRule: Equatable {
    /// Nothing is said: the ABI decides.
    case unspecified
    case undefined
    case sameValue
    /// At CFA + n in memory.
    case offset(Int64)
    /// CFA + n itself.
    case valueOffset(Int64)
    case register(Int)
    /// At the address that the expression gives; a part of the section.
    case expression(Range<Int>)
    /// What the expression gives.
    case valueExpression(Range<Int>)
}

/// How the canonical frame address is had: the caller's stack pointer, as a rule.
enum FrameAddressRule: Equatable {
    case unspecified
    case register(Int, offset: Int64)
    case expression(Range<Int>)
}

/// The row of the table of DWARF 5 section 6.4.1 that holds at one address.
struct UnwindRow {
    var frameAddress = FrameAddressRule.unspecified
    var columns = InlineArray<33, RegisterRule>(repeating: .unspecified)
    /// The column that holds the return address.
    var returnColumn: Int
    var isSignalFrame = false
    /// arm64: return addresses are signed (DW_CFA_AARCH64_negate_ra_state).
    var isReturnAddressSigned = false

    init(returnColumn: Int) { self.returnColumn = returnColumn }

    /// Sets the rule of a column; those above the general registers hold nothing that unwinding needs.
    mutating func set(_ column: Int, _ rule: RegisterRule) {
        guard column >= 0, column < RegisterFile.capacity else { return }
        columns[column] = rule
    }

    func rule(_ column: Int) -> RegisterRule {
        column >= 0 && column < RegisterFile.capacity ? columns[column] : .unspecified
    }
}
