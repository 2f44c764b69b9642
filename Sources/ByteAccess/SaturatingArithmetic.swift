/// Arithmetic on numbers from a file or a ring that saturates instead of trapping.
extension UInt64 {
    @inlinable
    package mutating func addSaturating(_ other: UInt64) { self = addingSaturating(other) }

    @inlinable
    package func addingSaturating(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    @inlinable
    package func subtractingSaturating(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }

    /// `self * factor / divisor`, rounded down and saturating; 0 if the divisor is 0.
    package func scaled(by factor: UInt64, over divisor: UInt64) -> UInt64 {
        guard divisor > 0 else { return 0 }
        let product = multipliedFullWidth(by: factor)
        guard product.high < divisor else { return .max }
        return divisor.dividingFullWidth(product).quotient
    }
}
