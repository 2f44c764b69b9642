/// Sums of numbers that came from a file or a ring: what does not fit is the largest number, never a trap.
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

    /// `self * factor / divisor`, rounded down; 0 where the divisor is.
    package func scaled(by factor: UInt64, over divisor: UInt64) -> UInt64 {
        guard divisor > 0 else { return 0 }
        let product = multipliedFullWidth(by: factor)
        guard product.high < divisor else { return .max }
        return divisor.dividingFullWidth(product).quotient
    }
}
