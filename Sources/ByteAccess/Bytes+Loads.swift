extension [UInt8] {
    /// A bounds-checked little-endian load from a section's bytes; `nil` outside them.
    @inlinable @inline(__always)
    package func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value? {
        // The span lives for this one load.
        let bytes = unsafe span.bytes
        return bytes.load(type, at: offset)
    }
}
