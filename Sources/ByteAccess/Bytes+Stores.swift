/// Little-endian stores at the end of a growing buffer.
extension [UInt8] {
    /// Appends the bytes of a record, or of a range clamped to it, with one copy and no intermediate array.
    package mutating func append(_ bytes: borrowing RawSpan, in range: Range<Int>? = nil) {
        let range = range.map { bytes.clamped($0) } ?? 0..<bytes.byteCount
        unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    @inlinable
    package mutating func store<Value: FixedWidthInteger>(_ value: Value) {
        var rest = value.littleEndian
        unsafe Swift.withUnsafeBytes(of: &rest) { unsafe append(contentsOf: $0) }
    }

    /// Overwrites the bytes at `offset`; does nothing if they do not fit.
    package mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return }
        var rest = value.littleEndian
        unsafe Swift.withUnsafeBytes(of: &rest) { source in
            for index in 0..<source.count { unsafe self[offset + index] = source[index] }
        }
    }

    /// Fills with zeros up to a multiple of `alignment`.
    package mutating func pad(to alignment: Int) {
        while !count.isMultiple(of: alignment) { append(0) }
    }
}
