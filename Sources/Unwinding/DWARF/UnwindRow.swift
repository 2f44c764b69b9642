/// How to recover one register of the caller (DWARF 5 section 6.4.1, "Register Rules").
enum RegisterRule: Equatable {
    /// No rule is given: the ABI decides.
    case unspecified
    case undefined
    case sameValue
    /// At CFA + n in memory.
    case offset(Int64)
    /// CFA + n itself.
    case valueOffset(Int64)
    case register(Int)
    /// In memory at the address that the expression computes; the range is in the section.
    case expression(Range<Int>)
    /// The value that the expression computes.
    case valueExpression(Range<Int>)
}

/// How to compute the canonical frame address (CFA), usually the caller's stack pointer.
enum FrameAddressRule: Equatable {
    case unspecified
    case register(Int, offset: Int64)
    case expression(Range<Int>)
}

/// One row of the table of DWARF 5 section 6.4.1: the rules that hold at one address.
struct UnwindRow {
    var frameAddress = FrameAddressRule.unspecified
    var columns = InlineArray<33, RegisterRule>(repeating: .unspecified)
    /// The column that holds the return address.
    var returnColumn: Int
    var isSignalFrame = false
    /// arm64: whether the return address is signed (DW_CFA_AARCH64_negate_ra_state).
    var isReturnAddressSigned = false

    init(returnColumn: Int) { self.returnColumn = returnColumn }

    /// Sets the rule of a column. Columns above the general registers are ignored, since unwinding does not need them.
    mutating func set(_ column: Int, _ rule: RegisterRule) {
        guard column >= 0, column < RegisterFile.capacity else { return }
        columns[column] = rule
    }

    func rule(_ column: Int) -> RegisterRule {
        column >= 0 && column < RegisterFile.capacity ? columns[column] : .unspecified
    }
}
