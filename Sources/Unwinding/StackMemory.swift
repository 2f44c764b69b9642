internal import ByteAccess

/// The range of a stack dump in a record, and the address of its first byte. The record is passed to each read, since a
/// span cannot be stored.
struct StackMemory {
    /// The stack pointer, at which the dump begins.
    let base: UInt64
    let bytes: Range<Int>
    /// A frame beyond the dump within this many bytes counts as on the same stack: the dump was too small.
    static let largestStack: UInt64 = 1 << 30

    /// The word at an address; `nil` outside the dump.
    @inline(__always)
    func word(at address: UInt64, in record: borrowing RawSpan) -> UInt64? {
        load(UInt64.self, at: address, in: record)
    }

    @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at address: UInt64, in record: borrowing RawSpan
    ) -> Value? {
        let distance = address &- base
        guard let offset = Int(exactly: distance), offset <= bytes.count &- MemoryLayout<Value>.size else {
            return nil
        }
        return record.load(type, at: bytes.lowerBound &+ offset)
    }

    func isLastWord(_ address: UInt64) -> Bool { address &- base == UInt64(max(0, bytes.count &- 8)) }

    func contains(_ address: UInt64) -> Bool { address &- base < UInt64(bytes.count) }

    /// Why there is nothing to read at an address.
    func reason(at address: UInt64) -> TruncationReason {
        let distance = address &- base
        return distance >= UInt64(max(0, bytes.count &- 7)) && distance < Self.largestStack ? .dumpTooSmall : .badMemory
    }
}
