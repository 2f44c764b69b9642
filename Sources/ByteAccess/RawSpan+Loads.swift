/// Bounds-checked little-endian loads: the only way in which this project reads bytes from a file or a ring.
///
/// A load outside the span returns `nil` and never traps. Inlinable, because generics called across modules cost ten
/// times as much otherwise.
extension RawSpan {
    /// The integer at `offset` bytes, little-endian; `nil` where the span does not hold all of it.
    @inlinable @inline(__always)
    public func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value? {
        guard offset >= 0, offset <= byteCount &- MemoryLayout<Value>.size else { return nil }
        return unsafe Value(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Value.self))
    }

    /// The range clamped to the span.
    @inlinable
    package func clamped(_ range: Range<Int>) -> Range<Int> {
        range.clamped(to: 0..<byteCount)
    }

    /// The length of the string at the start of `range`: up to its NUL, or all of `range` if there is none.
    @inlinable
    package func stringLength(in range: Range<Int>) -> Int {
        let range = clamped(range)
        for offset in range where unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) == 0 {
            return offset - range.lowerBound
        }
        return range.count
    }

    /// The NUL-terminated string in `range`, with invalid UTF-8 repaired and everything else as it was: not safe to print. Not for
    /// hot paths.
    public func string(in range: Range<Int>) -> String {
        let range = clamped(range)
        return String(decoding: bytes(in: range.lowerBound..<range.lowerBound + stringLength(in: range)), as: UTF8.self)
    }

    /// A copy of the bytes in `range`, clamped to the span.
    public func bytes(in range: Range<Int>) -> [UInt8] {
        let range = clamped(range)
        return unsafe withUnsafeBytes { unsafe Array($0[range]) }
    }
}
